"""Cameras that are turned, judged by `pipelines.domain.drift`."""

import datetime

import numpy as np
import pytest

from pipelines.domain import drift
from schemas import runs, store_drift
from tests.domain import test_drift

FIRST = test_drift.FIRST
UPSIDE_DOWN = test_drift.Camera(photos=100, face_loss=0.0, upside_down=0.98)
UPRIGHT = test_drift.Camera(photos=100, face_loss=0.0)


def judged(days):
    """Gives the row of the last day that says whether photos are turned."""
    [row] = [
        row
        for row in drift.of_days(days, max(days)).to_pylist()
        if row["measure"] == store_drift.TURNED
    ]
    return row


def days_of(camera, num_days, start=FIRST):
    return test_drift.days_of(camera, num_days, start=start)


def standing(**counts):
    """Makes a first day on which so many faces stand so."""
    [(date, [row])] = days_of(UPRIGHT, 1).items()
    return {date: [row | dict.fromkeys(runs.STANDS, 0) | counts]}


def test_a_camera_upside_down_from_its_first_day_is_an_alarm():
    row = judged(days_of(UPSIDE_DOWN, 1))
    assert (row["is_alarm"], row["status"], row["days_before"]) == (True, "alarm", 0)
    assert row["value"] == pytest.approx(0.98, abs=0.01)
    assert row["sentence"] == (
        "Photos of store 0000 are upside down: 98% of those with a face, since "
        "2026-01-05 or before. They were turned to tell the ages; put the camera right."
    )
    assert {row[name] for name in ("expected", "z", "p_value")} == {None}


def test_the_sentence_says_since_when():
    hung = FIRST + datetime.timedelta(20)
    days = days_of(UPRIGHT, 20) | days_of(UPSIDE_DOWN, 5, start=hung)
    # A day on which nobody came is none on which the camera was upright.
    days[hung + datetime.timedelta(2)] = [
        test_drift.health(UPRIGHT, "0000", hung, np.random.default_rng(0))
        | dict.fromkeys(runs.STANDS, 0)
    ]
    assert f"since {hung}. They" in judged(days)["sentence"]
    assert judged(days)["days_before"] == 23


def test_a_camera_that_turns_on_is_another_story():
    turned = FIRST + datetime.timedelta(3)
    on_side = test_drift.Camera(photos=100, face_loss=0.0, on_side=0.9)
    row = judged(days_of(UPSIDE_DOWN, 3) | days_of(on_side, 2, start=turned))
    assert row["sentence"].startswith(
        f"Photos of store 0000 lie on their side: 90% of those with a face, since "
        f"{turned}. They"
    )


def test_an_alarm_ends_when_the_camera_is_put_right():
    mended = FIRST + datetime.timedelta(3)
    row = judged(days_of(UPSIDE_DOWN, 3) | days_of(UPRIGHT, 1, start=mended))
    assert (row["status"], row["value"], row["sentence"]) == ("usual", 0.0, None)


@pytest.mark.parametrize(
    ("counts", "status"),
    [
        ({"upright": 95, "on_side": 5}, "usual"),
        ({"upright": 91, "upside_down": 9}, "usual"),
        ({"upright": 800, "on_side": 60, "upside_down": 40}, "usual"),
        ({"upright": 10, "on_side": 9}, "usual"),
        ({"upright": 80, "on_side": 20}, "alarm"),
        ({"upright": 0, "upside_down": 10}, "alarm"),
        ({"upright": 0, "upside_down": 9}, "no_photos"),
        ({}, "no_photos"),
        (dict.fromkeys(runs.STANDS), "no_photos"),
    ],
)
def test_a_few_turned_faces_are_people_not_cameras(counts, status):
    row = judged(standing(**counts))
    assert row["status"] == status
    assert row["is_alarm"] == (status == "alarm")


def test_one_camera_of_several_is_told_as_some_photos():
    row = judged(standing(upright=80, upside_down=20))
    assert row["sentence"].startswith("Some photos of store 0000 are upside down: 20%")


def test_days_of_which_it_is_not_known_are_no_start():
    days = days_of(UPSIDE_DOWN, 3)
    days[FIRST] = [row | dict.fromkeys(runs.STANDS) for row in days[FIRST]]
    assert "since 2026-01-06 or before." in judged(days)["sentence"]
