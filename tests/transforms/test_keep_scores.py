import dataclasses

import apache_beam as beam
import numpy as np
import pyarrow as pa
import pytest
from apache_beam.testing import util

from pipelines import records
from pipelines.storage import kept
from pipelines.transforms import keep_scores
from tests import builders


def _scored(number):
    weights = np.zeros(101, np.uint16)
    weights[number % 101] = 65_535
    return records.ScoredPhoto(
        photo=f"store=0001/{number:05d}.jpg",
        generation="1",
        face_status="none" if number % 3 == 0 else "ok",
        reason=None,
        age_distribution=None if number % 3 == 0 else weights,
        face_px=120,
        brightness=99.5,
        turned_degrees=180,
    )


@pytest.mark.parametrize("num_photos", [0, 1, 700])
def test_what_is_kept_is_what_goes_on(tmp_path, num_photos):
    scores = kept.KeptScores(warehouse=str(tmp_path), folder="kept", run_id="run")
    scored = [_scored(number) for number in range(num_photos)]
    emitted_rows = []

    def collect(tables):
        emitted_rows.extend(row for table in tables for row in table.to_pylist())
        assert emitted_rows == _by_photo(
            row for table, _ in scores.read() for row in table.to_pylist()
        )
        assert [row["photo"] for row in emitted_rows] == [p.photo for p in scored]

    with builders.pipeline() as root:
        tables = root | beam.Create(scored) | keep_scores.KeepScores(scores)
        util.assert_that(tables, collect)


def _by_photo(rows):
    return sorted(rows, key=lambda row: row["photo"])


def test_rows_carry_every_field(tmp_path):
    scores = kept.KeptScores(warehouse=str(tmp_path), folder="kept", run_id="run")
    with builders.pipeline() as root:
        _ = root | beam.Create([_scored(4)]) | keep_scores.KeepScores(scores)
    [(table, _)] = list(scores.read())
    [row] = table.to_pylist()
    weights = row.pop("age_distribution")
    assert weights[4] == sum(weights) == 65_535
    assert row == {
        "photo": "store=0001/00004.jpg",
        "generation": "1",
        "face_status": "ok",
        "reason": None,
        "face_px": 120,
        "brightness": 99.5,
        "turned_degrees": 180,
    }
    assert isinstance(table, pa.Table)


@pytest.mark.parametrize("reason", [records.VANISHED, f"{records.UNREAD}no memory"])
def test_a_photo_that_was_not_read_goes_on_but_is_not_kept(tmp_path, reason):
    scores = kept.KeptScores(warehouse=str(tmp_path), folder="kept", run_id="run")
    lost = dataclasses.replace(_scored(3), reason=reason)
    with builders.pipeline() as root:
        tables = root | beam.Create([lost, _scored(4)]) | keep_scores.KeepScores(scores)
        photos = tables | beam.FlatMap(lambda table: table["photo"].to_pylist())
        util.assert_that(photos, util.equal_to([lost.photo, _scored(4).photo]))
    [(table, _)] = list(scores.read())
    assert table["photo"].to_pylist() == [_scored(4).photo]


@pytest.mark.parametrize("num_tables", [0, 1, 3])
def test_what_a_run_uses_is_put_aside_whole(tmp_path, num_tables):
    scores = kept.KeptScores(warehouse=str(tmp_path), folder="kept", run_id="run")
    rows = [keep_scores._to_table([_scored(number)]) for number in range(num_tables)]
    with builders.pipeline() as root:
        halves = (
            root | "Scored" >> beam.Create(rows[::2]),
            root | "Resumed" >> beam.Create(rows[1::2]),
        )
        _ = halves | keep_scores.PutAsideUsed(scores)
    scores.adopt_used()
    used = [table["photo"].to_pylist() for table, _ in scores.read()]
    expected = [_scored(number).photo for number in range(num_tables)]
    assert used == ([expected] if num_tables else [])
