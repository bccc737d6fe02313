"""Tests of `pipelines.publishing.warehouse`."""

import datetime
import os
import stat

import pytest

from pipelines.publishing import warehouse
from pipelines.storage import durable, roots


def test_new_warehouse_can_be_written_and_stays_clean(tmp_path):
    warehouse.check_writable(str(tmp_path / "a" / "b"))
    assert os.listdir(tmp_path / "a" / "b" / ".tillage") == []


@pytest.mark.parametrize("place", ["file", "file/below", "/proc/tillage"])
def test_place_that_cannot_be_written_is_named(tmp_path, place):
    (tmp_path / "file").write_text("not a folder")
    path = os.path.join(tmp_path, place)
    with pytest.raises(roots.StorageError, match=r": cannot write there \(.+\); give"):
        warehouse.check_writable(path)


def test_private_folders_are_private_all_the_way(tmp_path):
    durable.make_private(str(tmp_path / "a" / "b"))
    modes = [stat.S_IMODE(os.stat(tmp_path / name).st_mode) for name in ("a", "a/b")]
    assert modes == [0o700, 0o700]


def test_staging_lies_below_the_warehouse(tmp_path):
    day = warehouse.day(str(tmp_path), datetime.date(2026, 11, 21))
    staged = os.path.join(day.warehouse, day.staging_of("run"))
    assert os.path.dirname(staged) == day.staging_path
