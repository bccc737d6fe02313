"""A night's cameras against the days before it."""

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from pipelines.domain import drift, health

MISSED_DAYS = 7
"""A store that had photos in so many days before, and has none, is missed."""

Health = Mapping[str, Any]


def of_day(
    date: datetime.date,
    store_health: Sequence[Health],
    earlier: Mapping[datetime.date, Sequence[Health]],
) -> list[dict[str, Any]]:
    """Judges one day.

    Args:
      date: The day.
      store_health: Its values of `schemas.runs.STORE_HEALTH`, one a store.
      earlier: The same of other days; those from `date` on are not looked at.

    Returns:
      Values of `schemas.runs.STORE_DRIFT`, by store and measure; also for stores that
      are missed.
    """
    before = {day: rows for day, rows in earlier.items() if day < date}
    missed = _seen(date, before) - {row["store_id"] for row in store_health}
    today = [*store_health, *(health.nothing(store_id) for store_id in missed)]
    judged = drift.of_days({**before, date: today}, date)
    rows: list[dict[str, Any]] = judged.drop_columns("date").to_pylist()
    return rows


def _seen(
    date: datetime.date, before: Mapping[datetime.date, Sequence[Health]]
) -> set[str]:
    return {
        row["store_id"]
        for day, rows in before.items()
        if (date - day).days <= MISSED_DAYS
        for row in rows
        if row["photos"]
    }
