"""Tests of `pipelines.publishing.locks`."""

import datetime
import os
import subprocess
import sys

import pytest

from pipelines.publishing import locks, warehouse

DAY = datetime.date(2026, 11, 21)
_HOLDER = """
import datetime, sys
from pipelines.publishing import locks, warehouse
day = warehouse.day(sys.argv[1], datetime.date(2026, 11, 21))
with locks.day_lock(day):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path):
    with subprocess.Popen(
        [sys.executable, "-c", _HOLDER, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout.readline() == b"held\n"
        yield process
        process.kill()


def test_second_run_is_refused_and_told_who_holds_the_day(tmp_path, holder):
    message = rf"another run of 2026-11-21 is at work \(process {holder.pid}, lock "
    with (
        pytest.raises(locks.DayIsLockedError, match=message),
        locks.day_lock(warehouse.day(str(tmp_path), DAY)),
    ):
        pass


def test_another_day_is_free(tmp_path, holder):
    tomorrow = DAY + datetime.timedelta(days=1)
    with locks.day_lock(warehouse.day(str(tmp_path), tomorrow)):
        pass


def test_a_killed_run_holds_nothing(tmp_path, holder):
    holder.kill()
    holder.wait()
    with locks.day_lock(warehouse.day(str(tmp_path), DAY)):
        pass


def test_lock_names_the_holder_after_a_longer_pid(tmp_path):
    with locks.day_lock(warehouse.day(str(tmp_path), DAY)):
        path = tmp_path / ".tillage" / "locks" / "2026-11-21.lock"
        path.write_text("99999999\n")
    with locks.day_lock(warehouse.day(str(tmp_path), DAY)):
        assert path.read_text() == f"{os.getpid()}\n"
