"""Tests of `pipelines.publishing.cameras`, on published days."""

import datetime
import pathlib
import shutil

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines.publishing import cameras, run_rows, warehouse
from schemas import runs, store_drift
from tests.domain import test_drift
from tests.publishing import builders, steady

TODAY = builders.DATE
STANDS = runs.STANDS


def usual_health(num_stores=2):
    rng = np.random.default_rng(1)
    return [
        test_drift.health(test_drift.Camera(), f"{store:04d}", TODAY, rng)
        for store in range(num_stores)
    ]


USUAL = usual_health()
DARK = [USUAL[0], USUAL[1] | {"mean_brightness": USUAL[1]["mean_brightness"] * 0.6}]


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """Three weeks; read, never written."""
    root = tmp_path_factory.mktemp("steady") / "warehouse"
    steady.publish_days(root, steady.days_like(USUAL, 21))
    return root


@pytest.fixture
def three_weeks(published, tmp_path):
    """A copy of them, to be changed."""
    copied = shutil.copytree(published, tmp_path / "warehouse", symlinks=True)
    return pathlib.Path(copied)


def judged(root, store_health, date=TODAY, model=steady.MODEL):
    return cameras.store_drift(warehouse.day(str(root), date), store_health, model)


def alarms(rows):
    return [(row["store_id"], row["measure"]) for row in rows if row["is_alarm"]]


def days_before(rows):
    return {row["days_before"] for row in rows}


def test_a_darker_camera_is_found_and_a_steady_one_is_not(published):
    rows = judged(published, DARK)
    assert alarms(rows) == [("0001", store_drift.BRIGHTNESS)]
    assert {row["status"] for row in rows} == {"usual", "alarm"}
    assert days_before(rows) == {21}
    assert alarms(judged(published, USUAL)) == []


def test_what_is_judged_fits_the_column_of_runs(published):
    rows = judged(published, DARK)
    keys = [(row["store_id"], row["measure"]) for row in rows]
    stores = [row["store_id"] for row in USUAL]
    assert keys == [(store, name) for store in stores for name in store_drift.MEASURES]
    assert list(rows[0]) == [field.name for field in runs.STORE_DRIFT]


def test_the_first_day_ever_is_compared_with_nothing(tmp_path):
    rows = judged(tmp_path, DARK)
    assert {row["status"] for row in compared(rows)} == {"no_history"}
    assert {row["status"] for row in rows if row not in compared(rows)} == {"usual"}
    assert days_before(rows) == {0}


def test_the_day_itself_and_later_days_play_no_part(three_weeks):
    expected = judged(three_weeks, DARK)
    later = steady.days_like(DARK, 4, until=TODAY + datetime.timedelta(4))
    steady.publish_days(three_weeks, later)
    assert TODAY in later
    assert judged(three_weeks, DARK) == expected


def test_days_out_of_the_window_are_not_read(three_weeks):
    long_ago = TODAY - datetime.timedelta(57)
    steady.publish_day(three_weeks, long_ago, USUAL)
    for file in (three_weeks / "runs" / f"date={long_ago}").iterdir():
        file.write_bytes(b"")
    assert days_before(judged(three_weeks, USUAL)) == {21}


def test_refused_runs_are_no_past(tmp_path):
    for date, rows in steady.days_like(USUAL, 14).items():
        outcome = steady.publish_day(tmp_path, date, rows, photos_listed=99)
        assert not outcome.is_published
    assert days_before(judged(tmp_path, USUAL)) == {0}


def test_of_several_runs_of_a_day_the_newest_counts(three_weeks):
    days = steady.days_like(DARK, 21)
    steady.publish_days(three_weeks, days, run_id="steady-again")
    assert alarms(judged(three_weeks, DARK)) == []
    assert alarms(judged(three_weeks, USUAL)) == [("0001", store_drift.BRIGHTNESS)]


def test_a_day_that_cannot_be_read_is_left_out_with_a_warning(three_weeks, caplog):
    spoilt = TODAY - datetime.timedelta(3)
    [file] = (three_weeks / "runs" / f"date={spoilt}").iterdir()
    file.write_bytes(b"no Parquet")
    rows = judged(three_weeks, DARK)
    assert alarms(rows) == [("0001", store_drift.BRIGHTNESS)]
    assert days_before(rows) == {20}
    [warning] = caplog.messages
    assert warning.startswith(f"cameras are compared without {spoilt}: {file}: damaged")


def test_ages_are_compared_with_those_of_the_same_model(published):
    older = [
        row | {"photos_by_age_band": np.roll(row["photos_by_age_band"], 4).tolist()}
        for row in USUAL
    ]
    found = alarms(judged(published, older))
    assert {measure for _, measure in found} == {store_drift.AGE_DISTRIBUTION}
    rows = judged(published, older, model="cd" * 32)
    assert alarms(rows) == []
    status = {row["measure"]: row["status"] for row in rows}
    assert status.pop(store_drift.AGE_DISTRIBUTION) == "no_history"
    assert set(status.values()) == {"usual"}


def write_older(file, version):
    """Rewrites a run's row as it was before cameras were judged, or turned photos."""
    rows = pq.read_table(file, partitioning=None)
    old = pa.list_(pa.struct([f for f in runs.STORE_HEALTH if f.name not in STANDS]))
    health = pa.array(without_stands(rows["store_health"].to_pylist()), old)
    place = rows.schema.get_field_index("store_health")
    rows = rows.set_column(place, pa.field("store_health", old, False), health)
    if version == 1:
        rows = rows.drop_columns("store_drift")
    rows = rows.replace_schema_metadata({"tillage_schema_version": str(version)})
    pq.write_table(rows, file)


def without_stands(days):
    return [
        [{k: v for k, v in row.items() if k not in STANDS} for row in day]
        for day in days
    ]


@pytest.mark.parametrize("version", [1, 2])
def test_rows_of_older_versions_are_history_too(three_weeks, version):
    expected = judged(three_weeks, DARK)
    for file in sorted(three_weeks.glob("runs/*/*.parquet"))[:14]:
        write_older(file, version)
    found = judged(three_weeks, DARK)
    assert compared(found) == compared(expected)
    turned = [row for row in found if row["measure"] == store_drift.TURNED]
    assert {row["days_before"] for row in turned} == {7}


def compared(rows):
    return [row for row in rows if row["measure"] in store_drift.COMPARED]


def test_a_run_of_the_newest_version_lacks_no_field(three_weeks, caplog):
    [file] = (three_weeks / "runs" / f"date={TODAY - datetime.timedelta(1)}").iterdir()
    write_older(file, 3)
    assert days_before(judged(three_weeks, USUAL)) == {20}
    assert "column store_health is missing or not" in caplog.text


def test_turned_cameras_are_told_whatever_was_before(published, tmp_path):
    turned = [USUAL[0], USUAL[1] | {"upright": 0, "upside_down": 300}]
    for root, since in ((published, f"{TODAY}."), (tmp_path, f"{TODAY} or before.")):
        rows = judged(root, turned)
        assert alarms(rows) == [("0001", store_drift.TURNED)]
        assert (
            f"store 0001 are upside down: 100% of those with a face, since {since}"
            in (rows[-1]["sentence"])
        )


def test_the_column_of_an_old_row_is_null(three_weeks):
    [file] = (three_weeks / "runs" / f"date={TODAY - datetime.timedelta(1)}").iterdir()
    write_older(file, 1)
    day = TODAY - datetime.timedelta(1)
    rows = run_rows.newest(str(three_weeks), day, runs.SCHEMA.names)
    assert rows.schema.names == runs.SCHEMA.names
    assert rows["store_drift"].to_pylist() == [None]
