"""Tests of `pipelines.domain.camera_lines`."""

import pytest

from pipelines.domain import camera_lines
from schemas import store_drift as drifts


def row(store_id, status, days_before=20, sentence=None, measure=drifts.FACE_LOSS):
    return {
        "store_id": store_id,
        "measure": measure,
        "status": status,
        "days_before": days_before,
        "is_alarm": status == "alarm",
        "sentence": sentence,
    }


def alarm(store_id):
    return row(store_id, "alarm", sentence=f"Store {store_id} is darker.")


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([], []),
        ([row("1", "usual"), row("2", "usual")], ["as usual (2 stores)"]),
        (
            [row("1", "no_history", 3), row("1", "no_photos", 0)],
            ["not judged yet (1 store): 3 of 14 days before are published"],
        ),
        (
            [row("1", "no_history", 0), row("2", "no_history", 13)],
            ["not judged yet (2 stores): 0 to 13 of 14 days before are published"],
        ),
        (
            [row("7", "no_photos"), row("8", "no_photos")],
            ["not judged (2 stores): fewer than 10 photos in 7, 8"],
        ),
    ],
)
def test_steady_and_unjudged_stores_are_counted(rows, said):
    assert camera_lines.lines(rows) == [("cameras", line) for line in said]


def test_each_store_counts_once_by_what_matters_most():
    rows = [
        row("1", "usual"),
        alarm("1"),
        row("1", "no_history"),
        row("2", "no_photos"),
        row("2", "usual"),
        row("3", "no_history", 0),
    ]
    assert camera_lines.lines(rows) == [
        ("cameras", "as usual (1 store)"),
        ("cameras", "not as usual (1 store)"),
        ("cameras", "not judged yet (1 store): 0 of 14 days before are published"),
        ("camera alarm", "Store 1 is darker."),
    ]


def test_that_photos_are_not_turned_is_no_comparison():
    upright = row("1", "usual", 0, measure=drifts.TURNED)
    assert camera_lines.lines([row("1", "no_history", 0), upright]) == [
        ("cameras", "not judged yet (1 store): 0 of 14 days before are published")
    ]


def test_turned_photos_are_told_on_the_first_day():
    said = "Photos of store 1 are upside down."
    turned = row("1", "alarm", 0, said, measure=drifts.TURNED)
    assert camera_lines.lines([row("1", "no_history", 0), turned]) == [
        ("cameras", "not as usual (1 store)"),
        ("camera alarm", said),
    ]


def test_long_lists_are_cut_short():
    rows = [alarm(f"{store:02d}") for store in range(23)]
    rows += [row(f"{store:02d}", "no_photos") for store in range(30, 51)]
    said = [line for _, line in camera_lines.lines(rows)]
    assert said[0] == "not as usual (23 stores)"
    assert said[1].endswith(", 48, 49 and 1 more")
    assert said[-2:] == ["Store 19 is darker.", "3 more; all are in runs.store_drift"]
    assert len(said) == 2 + 20 + 1
