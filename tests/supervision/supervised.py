"""Children for `test_supervise`: `python -m tests.supervision.supervised CASE WORK`.

Each appends a line to WORK/attempts when it starts, with the strikes that it finds.
"""

import ctypes
import json
import os
import pathlib
import signal
import subprocess
import sys
import threading
import time

from pipelines.storage import inflight
from pipelines.supervision import supervise

FOREVER_SECONDS = 600


def exit_with_2(work, attempt):
    return 2


def kill_itself_twice(work, attempt):
    if attempt < 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return 0


def kill_itself(work, attempt):
    os.kill(os.getpid(), signal.SIGKILL)


def kill_itself_after_a_chunk(work, attempt):
    if attempt == 5:
        return 0
    (work / "kept" / f"chunk-{attempt}-10.arrow").touch()
    os.kill(os.getpid(), signal.SIGKILL)


def score_and_wait_until_shown(work, attempt):
    inflight.write_listed(str(work), "store=1", 10, 5)
    (work / "kept" / "chunk-a-10.arrow").touch()
    while not (work / "shown").exists():
        time.sleep(0.02)
    return 0


def wait_for_a_worker_that_dies(work, attempt):
    """As Beam does: it waits, whatever becomes of its workers."""
    marks = inflight.InflightMarks(str(work))
    marks.mark("good.jpg")
    if inflight.load_strikes(str(work)).get("bad.jpg", 0) >= inflight.MAX_STRIKES:
        return 0
    start("mark_and_die", work)
    time.sleep(FOREVER_SECONDS)


def mark_and_die(work, attempt):
    inflight.InflightMarks(str(work)).mark("bad.jpg")
    os.kill(os.getpid(), signal.SIGKILL)


def end_thread_by_thread(work, attempt):
    """Its first thread ends well before its last, as it may in any process."""
    marks = inflight.InflightMarks(str(work))
    marks.mark("good.jpg")
    threading.Timer(2.0, os._exit, [0]).start()
    ctypes.CDLL(None).pthread_exit(None)


def hang_on_a_photo(work, attempt):
    if inflight.load_strikes(str(work)).get("bad.jpg", 0) >= inflight.MAX_STRIKES:
        return 0
    inflight.InflightMarks(str(work)).mark("bad.jpg")
    time.sleep(FOREVER_SECONDS)


def go_on_beside_a_worker_that_is_stopped(work, attempt):
    marks = inflight.InflightMarks(str(work))
    if inflight.load_strikes(str(work)).get("bad.jpg", 0) >= inflight.MAX_STRIKES:
        return 0
    start("mark_and_stop", work)
    for number in range(FOREVER_SECONDS * 20):
        marks.mark(f"good-{number}.jpg")
        time.sleep(0.05)


def mark_and_stop(work, attempt):
    inflight.InflightMarks(str(work)).mark("bad.jpg")
    os.kill(os.getpid(), signal.SIGSTOP)


def hang_idle(work, attempt):
    time.sleep(FOREVER_SECONDS)


def work_without_a_sign(work, attempt):
    # Several times as long as the test lets a child be silent.
    while time.process_time() < 3.0:
        pass
    return 0


def wait_with_a_worker(work, attempt):
    start("hang_idle", work)
    time.sleep(FOREVER_SECONDS)


def start(case, work):
    return subprocess.Popen(
        [sys.executable, "-m", "tests.supervision.supervised", case, str(work)]
    )


def main():
    case, work = sys.argv[1], pathlib.Path(sys.argv[2])
    supervise.die_with_parent()
    strikes = inflight.load_strikes(str(work))
    with (work / "attempts").open("a+") as log:
        log.seek(0)
        attempt = sum(json.loads(line)["case"] == case for line in log)
        started = {"case": case, "pid": os.getpid(), "strikes": strikes}
        log.write(json.dumps(started) + "\n")
    return globals()[case](work, attempt)


if __name__ == "__main__":
    sys.exit(main())
