"""Tests of `pipelines.domain.nightly_drift`."""

import datetime

import pytest

from pipelines.domain import drift, nightly_drift
from tests.domain import test_drift

DAYS = test_drift.days_of(test_drift.Camera(), 30, num_stores=3)
TODAY = max(DAYS)


def status_of(rows, store_id):
    return {row["status"] for row in rows if row["store_id"] == store_id}


def test_a_day_is_judged_as_in_a_span_that_ends_with_it():
    earlier = {date: rows for date, rows in DAYS.items() if date < TODAY}
    rows = nightly_drift.of_day(TODAY, DAYS[TODAY], earlier)
    span = drift.of_days(DAYS, TODAY)
    assert rows == span.drop_columns("date").to_pylist()


def test_the_day_and_later_ones_are_no_past():
    day = TODAY - datetime.timedelta(5)
    earlier = {date: rows for date, rows in DAYS.items() if date < day}
    expected = nightly_drift.of_day(day, DAYS[day], earlier)
    assert nightly_drift.of_day(day, DAYS[day], DAYS) == expected


@pytest.mark.parametrize(
    ("days_ago", "expected"), [(7, {"no_photos"}), (8, set())], ids=["week", "longer"]
)
def test_a_store_that_had_photos_in_the_last_week_is_missed(days_ago, expected):
    last_seen = TODAY - datetime.timedelta(days_ago)
    earlier = {
        date: [row for row in rows if row["store_id"] != "0001" or date <= last_seen]
        for date, rows in DAYS.items()
    }
    today = [row for row in DAYS[TODAY] if row["store_id"] != "0001"]
    rows = nightly_drift.of_day(TODAY, today, earlier)
    assert status_of(rows, "0001") == expected
    assert status_of(rows, "0000") == {"usual"}


def test_a_night_without_a_store_has_no_rows():
    assert nightly_drift.of_day(TODAY, [], {}) == []
