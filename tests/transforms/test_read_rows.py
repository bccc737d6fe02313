import gzip

import apache_beam as beam
import pytest
from apache_beam.testing import util

from pipelines.domain import counts, local_times, row_formats
from pipelines.transforms import read_rows
from tests import builders

_FOLDER = "captures/date=2026-11-21"
_HEADER = "photo,store_id,register_id,captured_at,shelf\n"
_GOOD = "a.jpg,0001,R01,2026-11-21T12:00:00Z,3\n"
_BAD = "b.jpg,0001,R01,yesterday,3\n"
_SHORT = "c.jpg,0001\n"


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / _FOLDER
    path.mkdir(parents=True)
    return path


def _expect(tmp_path, photos, rejected, **totals):
    row_format = row_formats.CaptureRows(local_times.StoreZones())
    with builders.pipeline() as root:
        read = root | read_rows.ReadRows(str(tmp_path), _FOLDER, row_format)
        found = read.rows | beam.FlatMap(lambda rows: rows["photo"].to_pylist())
        sources = read.rejected | "Sources" >> beam.FlatMap(
            lambda table: table["source"].to_pylist()
        )
        total = read.counts | beam.CombineGlobally(counts.total)
        util.assert_that(found, util.equal_to(photos), label="photos")
        util.assert_that(sources, util.equal_to(rejected), label="sources")
        expected = counts.total([totals])
        util.assert_that(total, util.equal_to([expected]), label="totals")


def test_nothing_there_is_no_rows(tmp_path):
    _expect(tmp_path, [], [])


def test_good_bad_and_short_rows_are_all_accounted_for(tmp_path, folder):
    (folder / "a.csv").write_text(_HEADER + _GOOD + _BAD + _SHORT)
    (folder / "b.csv.gz").write_bytes(gzip.compress((_HEADER + _GOOD).encode()))
    _expect(
        tmp_path,
        ["a.jpg", "a.jpg"],
        [f"{_FOLDER}/a.csv:3", f"{_FOLDER}/a.csv:4"],
        captures_read=4,
        captures_rejected=2,
        columns_ignored=2,
    )


def test_a_stray_file_is_a_rejection_and_a_marker_is_not(tmp_path, folder):
    (folder / "a.csv").write_text(_HEADER + _GOOD)
    (folder / "notes.xlsx").write_bytes(b"PK")
    (folder / "_SUCCESS").write_bytes(b"")
    _expect(
        tmp_path,
        ["a.jpg"],
        [f"{_FOLDER}/notes.xlsx"],
        captures_read=1,
        columns_ignored=1,
    )


def test_a_file_that_breaks_off_is_counted_for_the_gate(tmp_path, folder):
    whole = gzip.compress((_HEADER + _GOOD * 50).encode())
    (folder / "a.csv.gz").write_bytes(whole[: len(whole) - 9])
    row_format = row_formats.CaptureRows(local_times.StoreZones())
    with builders.pipeline() as root:
        read = root | read_rows.ReadRows(str(tmp_path), _FOLDER, row_format)
        unreadable = (
            read.counts
            | beam.CombineGlobally(counts.total)
            | beam.Map(lambda totals: totals["files_unreadable"])
        )
        util.assert_that(unreadable, util.equal_to([1]))
