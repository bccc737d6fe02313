"""The nightly job on a disk that is full, or cannot be written."""

import os
import pathlib
import shutil
import subprocess

import pytest

from tests.integration import commands

pytestmark = pytest.mark.slow

_DISK_MIB = 16


@pytest.fixture
def disk(tmp_path):
    """A small disk that holds the published day, at `warehouse`."""
    folder = tmp_path / "disk"
    folder.mkdir()
    size = f"size={_DISK_MIB}m"
    mount = ["mount", "-t", "tmpfs", "-o", size, "tmpfs", folder]
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("this user may not mount disks")
    yield folder
    subprocess.run(["umount", folder], check=True)


@pytest.fixture
def warehouse(disk, scored):
    return pathlib.Path(shutil.copytree(scored, disk / "warehouse", symlinks=True))


def _complaints(ended):
    [licence, *lines] = ended.stderr.splitlines()
    assert "trained on photos" in licence
    return [line for line in lines if "photos done" not in line]


# It is full as soon as photos are listed, when the first is read, or when its scores
# are kept.
@pytest.mark.parametrize("num_free_bytes", [2**12, 2**14, 2**16])
def test_a_disk_that_fills_up_is_one_line_and_the_day_stays(
    tills, scored, disk, warehouse, num_free_bytes
):
    found = os.statvfs(disk)
    ballast = disk / "ballast"
    ballast.write_bytes(bytes(found.f_bavail * found.f_frsize - num_free_bytes))

    ended = commands.score(tills, warehouse, "--fresh", "--workers=2")

    assert ended.code == 1
    assert [line.split(", writing to")[0] for line in _complaints(ended)] == [
        "tillage score: No space left on device"
    ], ended.stderr
    assert commands.published(warehouse) == commands.published(scored)
    ballast.unlink()
    again = commands.score(tills, warehouse)
    assert again.code == 0, again.stderr
    assert commands.published(warehouse) == commands.published(scored)


def test_a_disk_that_cannot_be_written_is_one_line(tills, scored, disk, warehouse):
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
    ended = commands.score(tills, warehouse)
    assert ended.code == 2
    [line] = ended.stderr.splitlines()
    assert "cannot write there (Read-only file system)" in line
    assert commands.published(warehouse) == commands.published(scored)
