"""What `tillage score` tells its caller of a run that did not begin, or went wrong."""

import pathlib
import re
import signal
import socket

import pytest
from google.cloud.storage import retry

from pipelines import exit_codes, report, score
from pipelines.exit_codes import ExitCode
from pipelines.storage import gcs

_OPERATIONS = pathlib.Path(__file__).parents[1] / "docs" / "operations.md"


@pytest.fixture
def silent_storage(monkeypatch):
    """A storage that nobody answers for, and little patience with it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", f"http://127.0.0.1:{port}")
    monkeypatch.setattr(retry.DEFAULT_RETRY, "_timeout", 0.1)
    gcs.client.cache_clear()
    yield
    gcs.client.cache_clear()


@pytest.mark.usefixtures("silent_storage")
@pytest.mark.parametrize(
    ("job", "flags"),
    [
        (score, ["--input=gs://b/in", "--output=gs://b/out", "--date=2026-11-21"]),
        (
            report,
            [
                *("--warehouse=gs://b/out", "--output=never"),
                *("--from=2026-11-21", "--to=2026-11-21"),
            ],
        ),
        (
            report,
            [
                *("--warehouse=never", "--output=gs://b/report"),
                *("--from=2026-11-21", "--to=2026-11-21"),
            ],
        ),
    ],
    ids=["score", "report reads", "report writes"],
)
def test_a_storage_that_does_not_answer_is_a_failure_and_no_bad_input(
    job, flags, capsys
):
    assert job.main(flags) == ExitCode.FAILED
    said = capsys.readouterr().err.splitlines()[-1]
    assert said.startswith(("tillage score: gs://b", "tillage report: gs://b"))


@pytest.mark.parametrize("is_detailed", [True, False])
def test_only_a_caller_that_asks_sees_more_than_three_codes(is_detailed):
    seen = {exit_codes.shown(code, is_detailed=is_detailed) for code in ExitCode}
    assert seen == (set(ExitCode) if is_detailed else {0, 1, 2})
    stopped = 128 + signal.SIGTERM
    assert exit_codes.shown(stopped, is_detailed=is_detailed) == stopped


def test_every_code_is_explained():
    told = re.findall(r"^\| `(\d+)` \|", _OPERATIONS.read_text(), flags=re.MULTILINE)
    signals = [
        128 + number for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM)
    ]
    assert [int(code) for code in told] == [*ExitCode, *signals]
