"""Whether a store's photos stand upright, whatever its days before were like."""

import datetime
from typing import Any

import numpy as np
import numpy.typing as npt

from pipelines.domain import drift_sentences, drift_series, drift_settings
from schemas import store_drift


def judged(
    store: drift_series.StoreSeries, day: int, settings: drift_settings.DriftSettings
) -> dict[str, Any]:
    """Judges one day of a store; a first day like any other.

    Args:
      store: Its figures.
      day: Place of the day among them.
      settings: From how many turned photos on a camera is called turned.

    Returns:
      A row of `schemas.store_drift`; the days before only tell since when.
    """
    photos = int(store.photos[store_drift.TURNED][day])
    past = store.past(store_drift.TURNED, day, settings)
    row: dict[str, Any] = {
        "date": store.dates[day],
        "store_id": store.store_id,
        "measure": store_drift.TURNED,
        "photos": photos,
        "days_before": len(past),
        "same_weekday": False,
        "is_alarm": False,
    }
    if photos:
        row["value"] = float(store.values[store_drift.TURNED][day])
    if photos < settings.min_photos:
        why = drift_sentences.no_photos(store.store_id, photos, settings.min_photos)
        return row | {"status": "no_photos", "sentence": why}
    is_turned = _is_turned(store, settings)
    if not is_turned[day]:
        return row | {"status": "usual", "sentence": None}
    since, is_known = _since(store, is_turned, day, past)
    sentence = drift_sentences.turned(
        store.store_id, bool(store.is_upside_down[day]), row["value"], since, is_known
    )
    return row | {"status": "alarm", "is_alarm": True, "sentence": sentence}


def _is_turned(
    store: drift_series.StoreSeries, settings: drift_settings.DriftSettings
) -> npt.NDArray[np.bool_]:
    shares = np.nan_to_num(store.values[store_drift.TURNED])
    num_turned = np.rint(shares * store.photos[store_drift.TURNED])
    is_many = num_turned >= settings.min_turned_photos
    return np.asarray(is_many & (shares >= settings.min_turned_share))


def _since(
    store: drift_series.StoreSeries,
    is_turned: npt.NDArray[np.bool_],
    day: int,
    past: npt.NDArray[np.int64],
) -> tuple[datetime.date, bool]:
    """Finds the first of the days in a row that are turned the same way.

    Returns:
      Its date, and whether the day before it is known not to be turned so.
    """
    first = day
    for before in past[::-1].tolist():
        is_same = store.is_upside_down[before] == store.is_upside_down[day]
        if not (is_turned[before] and is_same):
            return store.dates[first], True
        first = before
    return store.dates[first], False
