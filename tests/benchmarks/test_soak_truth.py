"""Tests of how `benchmarks.soak_truth` looks for cameras that are turned."""

import datetime

import pandas as pd
import pytest

from benchmarks import soak_days, soak_truth
from pipelines.domain import drift_sentences
from schemas import store_drift

DAY = datetime.date(2026, 10, 20)
NEXT = DAY + datetime.timedelta(1)
STORE = soak_days.DISTURBED_STORE


def rows(*alarms):
    """Makes the rows of two stores on two days; alarms are (day, store, how)."""
    found = {(day, store): how for day, store, how in alarms}
    return pd.DataFrame(
        {
            "date": day,
            "store_id": store,
            "measure": measure,
            "value": 0.0,
            "status": "usual",
            "is_alarm": measure == store_drift.TURNED and (day, store) in found,
            "sentence": drift_sentences.turned(
                store, found.get((day, store)) == "upside down", 0.98, day, True
            ),
        }
        for day in (DAY, NEXT)
        for store in ("0001", STORE)
        for measure in (store_drift.FACE_LOSS, store_drift.TURNED)
    )


def test_the_right_alarm_and_none_are_no_fault():
    told = rows((DAY, STORE, "upside down"))
    assert soak_truth._turned_faults(told, DAY) == []
    assert soak_truth._turned_faults(rows(), None) == []


@pytest.mark.parametrize(
    ("alarms", "turned_on"),
    [
        ([], DAY),
        ([(DAY, STORE, "upside down")], None),
        ([(NEXT, STORE, "upside down")], DAY),
        ([(DAY, "0001", "upside down")], DAY),
        ([(DAY, STORE, "on side")], DAY),
        ([(DAY, STORE, "upside down"), (NEXT, STORE, "upside down")], DAY),
        ([(DAY, STORE, "upside down"), (DAY, "0001", "upside down")], DAY),
    ],
)
def test_any_other_alarm_is_a_fault(alarms, turned_on):
    [fault] = soak_truth._turned_faults(rows(*alarms), turned_on)
    assert fault.startswith("cameras upside down are taken as\n")


def test_a_measure_that_is_not_there_is_a_fault():
    without = rows().query("measure != @store_drift.TURNED")
    assert soak_truth._turned_faults(without, None)
