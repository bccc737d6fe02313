"""Holds a day's cameras against the published days before it."""

import datetime
import logging
from collections.abc import Mapping, Sequence
from typing import Any

from pipelines.domain import drift_settings, health, nightly_drift
from pipelines.publishing import partitions, run_rows, warehouse
from pipelines.storage import roots
from schemas import tables

_LOG = logging.getLogger(__name__)
_UNREADABLE = (partitions.WarehouseError, roots.UnavailableError)
_COLUMNS = ("store_health", "model_sha256")

Health = Mapping[str, Any]


def store_drift(
    day: warehouse.Day, store_health: Sequence[Health], model_sha256: str
) -> list[dict[str, Any]]:
    """Judges a day's cameras by the published runs of the days before.

    What the day itself and later days have published plays no part, so that a day
    that is scored again is judged as it was. A day whose run cannot be read is left
    out with a warning: the night is not lost for it.

    Args:
      day: The day.
      store_health: Its values of `schemas.runs.STORE_HEALTH`, one a store.
      model_sha256: Digest of the age model's card; ages are compared with those that
        the same model saw.

    Returns:
      Values of `schemas.runs.STORE_DRIFT`, by store and measure.
    """
    earlier = {
        date: health.comparable(run, model_sha256)
        for date in _recorded(day)
        for run in _newest(day, date)
    }
    return nightly_drift.of_day(day.date, store_health, earlier)


def _recorded(day: warehouse.Day) -> list[datetime.date]:
    if not roots.at(day.warehouse).exists(tables.RUNS_FOLDER):
        return []  # Nothing was ever published.
    window = range(1, drift_settings.DriftSettings.window_days + 1)
    before = [day.date - datetime.timedelta(days=number) for number in window]
    try:
        return run_rows.days(day.warehouse, before)
    except _UNREADABLE as error:
        _LOG.warning("cameras are compared with nothing: %s", error)
        return []


def _newest(day: warehouse.Day, date: datetime.date) -> list[dict[str, Any]]:
    try:
        found = run_rows.newest(day.warehouse, date, _COLUMNS)
    except _UNREADABLE as error:
        _LOG.warning("cameras are compared without %s: %s", date, error)
        return []
    rows: list[dict[str, Any]] = found.to_pylist()
    return rows
