"""Tests of how `benchmarks.camera_drift` counts."""

import datetime

import numpy as np
import pyarrow as pa
import pytest

from benchmarks import camera_drift
from benchmarks import simulated_cameras as simulated
from schemas import store_drift

DARK, SMALL = store_drift.BRIGHTNESS, store_drift.FACE_SIZE


def judged(alarms, num_days=10, stores=("a", "b", "c")):
    """Makes a table of days from the change on; alarms are (day, store, measure)."""
    changed_on = simulated.FIRST_DAY + datetime.timedelta(camera_drift._DAYS_BEFORE)
    rows = [
        {
            "date": changed_on + datetime.timedelta(day),
            "store_id": store,
            "measure": measure,
            "is_alarm": (day, store, measure) in alarms,
        }
        for day in range(num_days)
        for store in stores
        for measure in store_drift.MEASURES
    ]
    return pa.Table.from_pylist(rows)


def test_a_day_of_two_alarms_is_one_false_alarm():
    found = judged({(0, "a", DARK), (0, "a", SMALL), (3, "b", DARK)})
    said = camera_drift._false_alarms(found)
    assert said[:2] == ["30", "6.67%"]
    shares = dict(zip(store_drift.MEASURES, said[2:], strict=True))
    assert (shares[DARK], shares[SMALL]) == ("6.67%", "3.33%")


@pytest.mark.parametrize(
    ("alarms", "said"),
    [
        ({(0, "a", DARK), (5, "a", DARK), (6, "b", DARK)}, ["33%", "67%", "7"]),
        ({(0, "a", SMALL), (7, "b", DARK)}, ["0%", "0%", "more than 28"]),
    ],
)
def test_stores_that_never_alarm_count_as_late(alarms, said):
    assert camera_drift._detection(judged(alarms), DARK, 3) == said


def test_a_change_changes_what_it_says():
    def mean(name, change, days_since=0):
        store = simulated.Store("a", 2_000, np.random.default_rng(3))
        row = store.health(simulated.FIRST_DAY, change, days_since)
        return row[name]

    steady = simulated.Change()
    for name, change, factor in (
        ("mean_brightness", simulated.Change(brightness=0.6), 0.6),
        ("mean_brightness", simulated.Change(daily_brightness=0.99), 0.99**10),
        ("mean_face_px", simulated.Change(face_px=0.7), 0.7),
    ):
        found = mean(name, change, 10) / mean(name, steady, 10)
        assert found == pytest.approx(factor)
    lost = simulated.Change(lost=0.2)
    assert mean("faces_ok", lost) < 0.85 * mean("faces_ok", steady)
