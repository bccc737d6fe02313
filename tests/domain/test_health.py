"""Tests of `pipelines.domain.health`."""

import datetime
import functools
import itertools

import hypothesis
import pyarrow as pa
import pytest
from hypothesis import strategies as st

from pipelines.domain import health, matching
from schemas import photo_ages, runs

_NOON = datetime.datetime(2026, 11, 21, 12, tzinfo=datetime.UTC)


def photo(
    store_id,
    face_status,
    match_method,
    age=None,
    face_px=None,
    brightness=None,
    turned=None,
):
    return {
        "photo": "p",
        "store_id": store_id,
        "register_id": "1",
        "captured_at_utc": _NOON,
        "match_method": match_method,
        "face_status": face_status,
        "age_years": age,
        "face_px": face_px,
        "brightness": brightness,
        "turned_degrees": turned,
        "model_version": "m",
    }


def table(photos):
    return pa.Table.from_pylist(photos, schema=photo_ages.SCHEMA)


def clock(store_id, register_id, offset_seconds, status):
    return matching.ClockReport(
        store_id=store_id,
        register_id=register_id,
        offset_seconds=offset_seconds,
        status=status,
    )


PHOTOS = [
    photo("2", "ok", "transaction_id", 4.75, 80, 100.0, 180),
    photo("2", "ok", "time_window", 100.0, 120, 50.0, 0),
    photo("2", "small", "no_usable_face", None, 10, 30.0, 180),
    photo("2", "undecodable", "no_usable_face"),
    photo("1", "ok", "ambiguous", 25.0, 90, 10.0, 90),
    photo("1", "ok", "unmatched", 29.5, 90, 10.0, 0),
    photo("1", "ok", "time_nearest", 30.0, 90, 10.0, 270),
]
CLOCKS = [
    clock("2", "9", 12.5, "corrected"),
    clock("2", "10", None, "too_few_photos"),
    clock("3", "1", None, "no_photos"),
]


def test_rows_count_each_store():
    first, second, third = health.of_photos(table(PHOTOS), CLOCKS).rows()
    assert [first["store_id"], second["store_id"], third["store_id"]] == ["1", "2", "3"]
    assert (first["matched"], first["unmatched"], first["ambiguous"]) == (1, 1, 1)
    assert first["photos_by_age_band"][5:7] == [2, 1]
    assert [first[name] for name in runs.STANDS] == [1, 0, 2]
    assert [second[name] for name in runs.STANDS] == [1, 2, 0]
    assert second["photos"] == 4
    assert (second["faces_ok"], second["faces_small"]) == (2, 1)
    assert second["faces_undecodable"] == 1
    assert second["mean_age_years"] == pytest.approx((4.75 + 100.0) / 2)
    assert second["mean_face_px"] == pytest.approx(70.0)
    assert second["mean_brightness"] == pytest.approx(60.0)
    assert second["photos_by_age_band"] == [1, *[0] * 18, 1]
    assert [clock["register_id"] for clock in second["registers"]] == ["10", "9"]
    assert third["photos"] == 0
    assert third["mean_age_years"] is None


def test_rows_fit_the_schema():
    rows = health.of_photos(table(PHOTOS), CLOCKS).rows()
    column = pa.array(rows, pa.list_(runs.STORE_HEALTH).value_type)
    assert column.to_pylist() == rows


def test_a_store_without_a_photo_has_zeros():
    row = health.nothing("7")
    assert row["store_id"] == "7"
    assert set(row["photos_by_age_band"]) == {row["photos"]} == {0}
    assert row["mean_brightness"] is None
    column = pa.array([row], pa.list_(runs.STORE_HEALTH).value_type)
    assert column.to_pylist() == [row]


def test_ages_that_another_model_saw_are_left_out():
    rows = health.of_photos(table(PHOTOS), CLOCKS).rows()
    run = {"store_health": rows, "model_sha256": "ab"}
    assert health.comparable(run, "ab") == rows
    other = health.comparable(run, "cd")
    assert {sum(row["photos_by_age_band"]) for row in other} == {0}
    assert {row["mean_age_years"] for row in other} == {None}
    for name in ("photos", "faces_ok", "matched", "mean_brightness", "registers"):
        assert [row[name] for row in other] == [row[name] for row in rows]
    assert sum(rows[0]["photos_by_age_band"]) > 0


def test_nothing_is_zero():
    some = health.of_photos(table(PHOTOS), CLOCKS)
    assert health.of_photos(table([])) == health.Health()
    assert health.Health().plus(some) == some.plus(health.Health()) == some


# Every value is a multiple of a quarter, so sums are exact in any order.
@hypothesis.settings(deadline=None)
@hypothesis.given(st.permutations(PHOTOS), st.sets(st.integers(0, len(PHOTOS))))
def test_every_cut_into_parts_gives_the_same_rows(photos, cuts):
    bounds = [0, *sorted(cuts), len(photos)]
    parts = [
        health.of_photos(table(photos[start:stop]))
        for start, stop in itertools.pairwise(bounds)
    ]
    parts.append(health.of_photos(table([]), CLOCKS))
    total = functools.reduce(health.Health.plus, parts, health.Health())
    expected = health.of_photos(table(PHOTOS), CLOCKS)
    assert total.rows() == expected.rows()
