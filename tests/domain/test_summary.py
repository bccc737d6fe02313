"""Tests of `pipelines.domain.summary`."""

import datetime
import pathlib

import pytest

from pipelines.domain import summary
from schemas import runs
from tests.domain import test_balance, test_camera_lines

GOLDEN = pathlib.Path(__file__).parents[1] / "golden"
COUNTS = test_balance.COUNTS
CAMERAS = (
    test_camera_lines.row("0001", "usual"),
    test_camera_lines.row(
        "0002",
        "alarm",
        sentence="Photos of store 0002 are 41% darker than usual: "
        "71 instead of 120 on a scale of 255.",
    ),
)


def closing(*refusals):
    return summary.Closing(
        day=datetime.date(2026, 11, 21),
        refusals=refusals,
        duration_seconds=1_234.56,
        photos_per_second=167.31,
        place="/data/warehouse",
        store_drift=() if refusals else CAMERAS,
    )


@pytest.mark.parametrize(
    ("name", "counts", "closing"),
    [
        ("summary_published.txt", COUNTS, closing()),
        (
            "summary_refused.txt",
            dict.fromkeys(runs.COUNTS, 0),
            closing("nothing scored: no photo of the day could be used"),
        ),
    ],
)
def test_summary_is_as_in_the_golden_file(name, counts, closing):
    lines = summary.lines(counts, closing)
    assert lines == (GOLDEN / name).read_text().splitlines()
