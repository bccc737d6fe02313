import io
import subprocess
import sys

from pipelines.supervision import worker_stderr

_FULL = "Traceback (most recent call last):\nOSError: [Errno 28] No space left\n"


def test_an_outage_leaves_no_line():
    stream = io.StringIO()
    filtered = worker_stderr.WithoutOutages(stream)
    print("before", file=filtered)
    print(_FULL, file=filtered)
    print(file=filtered)
    print("after", file=filtered, flush=True)
    assert stream.getvalue() == "before\n\nafter\n"


def test_who_imports_it_still_says_all_else():
    code = (
        "import sys, pipelines.supervision.worker_plugin\n"
        f"print({_FULL!r}, file=sys.stderr)\n"
        "raise ValueError('another fault')"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert "No space left" not in ended.stderr
    assert ended.stderr.endswith("ValueError: another fault\n")
