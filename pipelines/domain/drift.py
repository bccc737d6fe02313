"""Whether each store's camera still sees what it used to, day by day.

A day is compared with the store's own days before it, in a trailing window, by median
and median absolute deviation: days that went wrong do not spoil the yardstick. Rates
are compared as 2 asin √p, where their spread does not depend on p (Anscombe), and
brightness and face size as logarithms, so that a change is a ratio. The false-alarm
rate is a store-day's; each measure gets an equal part of it (Bonferroni). Only whether
photos are turned is told without a comparison: a camera may be so from its first day.
"""

import dataclasses
import datetime
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipelines.domain import (
    age_drift,
    drift_sentences,
    drift_series,
    drift_settings,
    robust,
    turned_cameras,
)
from schemas import store_drift

_LEAST_LOG_SIGMA = 0.02
"""Brightness and face size stray 2 % or more from day to day, whatever a few say."""

Floats = npt.NDArray[np.float64]


def of_days(
    days: Mapping[datetime.date, Sequence[Mapping[str, Any]]],
    first_date: datetime.date,
    settings: drift_settings.DriftSettings | None = None,
    seed: int = 0,
) -> pa.Table:
    """Judges the days of a span.

    Args:
      days: Values of `runs.STORE_HEALTH` by trading day, one a store; days before
        `first_date` are only compared with. Days may be missing.
      first_date: First day that is judged, inclusive.
      settings: When a day is called unusual.
      seed: Of the draws for small counts.

    Returns:
      Rows of `schemas.store_drift`, by day, store and measure.
    """
    settings = settings or drift_settings.DriftSettings()
    by_store: dict[str, list[tuple[datetime.date, Mapping[str, Any]]]] = {}
    for date in sorted(days):
        for health in days[date]:
            by_store.setdefault(health["store_id"], []).append((date, health))
    rows = [
        row
        for store_id, known in sorted(by_store.items())
        for row in _store_rows(
            drift_series.StoreSeries(store_id, known), first_date, settings, seed
        )
    ]
    rows.sort(key=lambda row: row["date"])
    return pa.Table.from_pylist(rows, schema=store_drift.SCHEMA)


def _store_rows(
    store: drift_series.StoreSeries,
    first_date: datetime.date,
    settings: drift_settings.DriftSettings,
    seed: int,
) -> list[dict[str, Any]]:
    scaled = {
        measure: store.scaled(measure)
        for measure in store_drift.COMPARED
        if measure in store.values
    }
    return [
        row
        for day, date in enumerate(store.dates)
        if date >= first_date
        for row in (
            *(
                _judged(store, scaled, measure, day, settings, seed)
                for measure in store_drift.COMPARED
            ),
            turned_cameras.judged(store, day, settings),
        )
    ]


def _judged(
    store: drift_series.StoreSeries,
    scaled: Mapping[str, Floats],
    measure: str,
    day: int,
    settings: drift_settings.DriftSettings,
    seed: int,
) -> dict[str, Any]:
    photos = store.photos[measure]
    past = store.past(measure, day, settings)
    row: dict[str, Any] = {
        "date": store.dates[day],
        "store_id": store.store_id,
        "measure": measure,
        "photos": int(photos[day]),
        "days_before": len(past),
        "same_weekday": False,
        "is_alarm": False,
    }
    if measure in store.values and not np.isnan(store.values[measure][day]):
        row["value"] = float(store.values[measure][day])
    unjudged = _unjudged(store.store_id, row["photos"], len(past), settings)
    if unjudged:
        return row | unjudged
    if measure in scaled:
        row |= _deviation(store, scaled[measure], measure, day, past, settings)
    else:
        row |= _distance(store, day, past, seed)
    return row | _verdict(store, row, day, past, settings)


def _unjudged(
    store_id: str, photos: int, days: int, settings: drift_settings.DriftSettings
) -> dict[str, Any]:
    """Says why a day cannot be judged; nothing where it can."""
    if photos < settings.min_photos:
        why = drift_sentences.no_photos(store_id, photos, settings.min_photos)
        return {"status": "no_photos", "sentence": why}
    if days < settings.min_days:
        why = drift_sentences.no_history(store_id, days, settings.min_days)
        return {"status": "no_history", "sentence": why}
    return {}


def _deviation(
    store: drift_series.StoreSeries,
    scaled: Floats,
    measure: str,
    day: int,
    past: npt.NDArray[np.int64],
    settings: drift_settings.DriftSettings,
) -> dict[str, Any]:
    photos = store.photos[measure]
    is_rate = measure in drift_series.RATES
    found = robust.deviation(
        value=scaled[day],
        least_sigma=1 / np.sqrt(photos[day]) if is_rate else _LEAST_LOG_SIGMA,
        past=scaled[past],
        is_same_weekday=store.weekdays[past] == store.weekdays[day],
        past_weekdays=store.weekdays[past],
        thinness=robust.median(photos[past]) / photos[day],
        min_same_weekdays=settings.min_same_weekdays,
    )
    expected = np.sin(found.expected / 2) ** 2 if is_rate else np.exp(found.expected)
    return {
        "expected": float(expected),
        "z": float(found.z),
        "p_value": found.p_value,
        "same_weekday": found.same_weekday,
    }


def _distance(
    store: drift_series.StoreSeries, day: int, past: npt.NDArray[np.int64], seed: int
) -> dict[str, Any]:
    rng = np.random.default_rng([seed, int(store.day_numbers[day])])
    found = age_drift.distance(store.bands[day], store.bands[past], rng)
    return dataclasses.asdict(found)


def _verdict(
    store: drift_series.StoreSeries,
    row: Mapping[str, Any],
    day: int,
    past: npt.NDArray[np.int64],
    settings: drift_settings.DriftSettings,
) -> dict[str, Any]:
    if row["p_value"] >= settings.alpha:
        return {"status": "usual", "is_alarm": False, "sentence": None}
    sentence = drift_sentences.alarm(
        store.store_id,
        row["measure"],
        row["value"],
        row["expected"],
        _ages(store, day, past),
    )
    return {"status": "alarm", "is_alarm": True, "sentence": sentence}


def _ages(
    store: drift_series.StoreSeries, day: int, past: npt.NDArray[np.int64]
) -> tuple[float, float]:
    """Gives the mean age of the day and of the days before, years; NaN: none."""
    known = store.ages[past][~np.isnan(store.ages[past])]
    before = robust.median(known) if len(known) else np.nan
    return float(store.ages[day]), before
