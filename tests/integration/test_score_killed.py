"""The nightly job with its processes killed: the tables stay the same."""

import datetime
import os
import pathlib
import signal
import subprocess
import sys

import pandas as pd
import psutil
import pytest

from pipelines import secret
from pipelines.publishing import locks, warehouse
from tests.integration import commands

pytestmark = pytest.mark.slow

_DEADLINE_SECONDS = 120.0
_NIGHTLY = pathlib.Path(__file__).parents[2] / "deploy" / "scheduling" / "nightly.sh"


def _chunks(warehouse):
    return list((warehouse / ".tillage" / "kept").rglob("chunk-*.arrow"))


def _beam_workers(process):
    return [
        child
        for child in psutil.Process(process.pid).children(recursive=True)
        if "sdk_worker_main" in " ".join(child.cmdline())
    ]


def _postdate(warehouse, hours):
    """Does to a warehouse what setting the clock back does."""
    for path in warehouse.rglob("*"):
        written_at = path.lstat().st_mtime + hours * 3600
        os.utime(path, (written_at, written_at), follow_symlinks=False)


def _last_run(warehouse):
    return pd.read_parquet(warehouse / "runs").sort_values("run_id").iloc[-1]


def test_a_killed_worker_is_replaced(tills, scored, tmp_path):
    process = commands.start(*commands.score_flags(tills, tmp_path, "--workers=2"))
    commands.until(lambda: _chunks(tmp_path))
    _beam_workers(process)[0].kill()
    ended = commands.end(process)
    assert ended.code == 0, ended.stderr
    assert "starting the workers again" in ended.stderr
    assert _last_run(tmp_path)["photos_resumed"] > 0
    assert commands.published(tmp_path) == commands.published(scored)


def test_a_stopped_worker_is_replaced(tills, scored, tmp_path):
    flags = commands.score_flags(tills, tmp_path, "--workers=2", "--hang-seconds=8")
    process = commands.start(*flags)
    commands.until(lambda: _chunks(tmp_path))
    _beam_workers(process)[0].suspend()
    ended = commands.end(process)
    assert ended.code == 0, ended.stderr
    assert "starting the workers again" in ended.stderr
    assert commands.published(tmp_path) == commands.published(scored)


@pytest.mark.parametrize("hours_set_back", [0, 25])
def test_a_killed_run_is_resumed_by_the_next(tills, scored, tmp_path, hours_set_back):
    process = commands.start(*commands.score_flags(tills, tmp_path))
    commands.until(lambda: _chunks(tmp_path))
    family = psutil.Process(process.pid).children(recursive=True)
    for member in [psutil.Process(process.pid), *family]:
        os.kill(member.pid, signal.SIGKILL)
    commands.end(process)
    assert commands.published(tmp_path) == {}
    _postdate(tmp_path, hours_set_back)
    ended = commands.score(tills, tmp_path)
    assert ended.code == 0, ended.stderr
    assert _last_run(tmp_path)["photos_resumed"] > 0
    assert commands.published(tmp_path) == commands.published(scored)


def test_workers_end_with_their_supervisor(tills, tmp_path):
    process = commands.start(*commands.score_flags(tills, tmp_path))
    family = commands.until(lambda: _beam_workers(process))
    process.kill()
    commands.end(process)
    commands.until(lambda: not any(member.is_running() for member in family))


def test_a_second_run_of_the_day_is_refused_while_the_first_is_at_work(tills, tmp_path):
    first = commands.start(*commands.score_flags(tills, tmp_path))
    commands.until(lambda: _beam_workers(first))
    second = commands.score(tills, tmp_path)
    assert second.code == 1
    assert f"process {first.pid}" in second.stderr
    assert commands.end(first).code == 0


def test_a_nightly_run_waits_for_its_day_and_then_says_nothing(tills, tmp_path):
    day = warehouse.day(str(tmp_path), datetime.date.fromisoformat(commands.DATE))
    log = tmp_path / "logs" / f"{commands.DATE}.log"
    settings = {
        "PATH": f"{pathlib.Path(sys.executable).parent}:/usr/bin:/bin",
        "TILLAGE_INPUT": str(tills),
        "TILLAGE_OUTPUT": str(tmp_path),
        "TILLAGE_TIMEZONE": "Europe/Berlin",
        "TILLAGE_LOGS": str(log.parent),
        "TILLAGE_RETRY_SECONDS": "1",
        secret.VARIABLE: commands.KEY,
    }
    with locks.day_lock(day):
        process = subprocess.Popen(
            [_NIGHTLY, commands.DATE], env=os.environ | settings, stdout=subprocess.PIPE
        )
        commands.until(
            lambda: log.exists() and "ends with exit code 4" in log.read_text()
        )
    assert process.communicate(timeout=_DEADLINE_SECONDS) == (b"", None)
    assert process.returncode == 0
    assert "ends with exit code 0" in log.read_text()
    assert _last_run(tmp_path)["is_published"]
