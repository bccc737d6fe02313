"""The health figures of one store by day, as arrays."""

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from pipelines.domain import drift_settings
from schemas import runs, store_drift

RATES = (store_drift.FACE_LOSS, store_drift.MATCH_RATE)
"""Measures that are shares of photos."""

Floats = npt.NDArray[np.float64]


class StoreSeries:
    """One store's figures.

    Attributes:
      store_id: Store.
      dates: Trading days, rising; days without a row are missing.
      day_numbers: The same as ordinals, int64 `(days,)`.
      weekdays: 0 to 6, `(days,)`.
      bands: Photos by age band, int64 `(days, 20)`.
      ages: Mean age, years; NaN: none.
      values: Each measure but the age distribution, `(days,)`; NaN: none.
      is_upside_down: Whether more faces stand on their head than lie on their side,
        `(days,)`.
      photos: Photos that each measure rests on, `(days,)`.
    """

    def __init__(
        self, store_id: str, days: Sequence[tuple[datetime.date, Mapping[str, Any]]]
    ) -> None:
        """Takes values of `runs.STORE_HEALTH`, by rising day."""
        self.store_id = store_id
        self.dates = [date for date, _ in days]
        self.day_numbers = np.array([date.toordinal() for date in self.dates])
        self.weekdays = self.day_numbers % 7
        found = [health for _, health in days]
        self.bands = np.array([health["photos_by_age_band"] for health in found])
        self.ages = _column(found, "mean_age_years")
        self.values, self.photos = _measures(found)
        on_head, on_side = (_column(found, name) for name in runs.STANDS[1:])
        self.is_upside_down = on_head > on_side
        self.photos[store_drift.AGE_DISTRIBUTION] = self.bands.sum(axis=1)

    def past(
        self, measure: str, day: int, settings: drift_settings.DriftSettings
    ) -> npt.NDArray[np.int64]:
        """Finds the days to compare a day with, ascending."""
        age = self.day_numbers[day] - self.day_numbers
        is_past = (age > 0) & (age <= settings.window_days)
        has_photos = self.photos[measure] >= settings.min_photos
        return np.flatnonzero(is_past & has_photos)

    def scaled(self, measure: str) -> Floats:
        """Gives the values on the scale on which they are compared."""
        values, photos = self.values[measure], self.photos[measure]
        if measure in RATES:
            smoothed = (values * photos + 0.375) / (photos + 0.75)
            return 2 * np.arcsin(np.sqrt(smoothed))
        return np.log(np.maximum(values, 1e-3))


def _measures(
    found: Sequence[Mapping[str, Any]],
) -> tuple[dict[str, Floats], dict[str, Floats]]:
    photos = _column(found, "photos")
    decoded = photos - _column(found, "faces_undecodable")
    lost = photos - _column(found, "faces_ok")
    matched = _column(found, "matched")
    joined = matched + _column(found, "unmatched") + _column(found, "ambiguous")
    upright, on_head, on_side = (_column(found, name) for name in runs.STANDS)
    standing = upright + on_head + on_side
    values = {
        store_drift.FACE_LOSS: _share(lost, photos),
        store_drift.MATCH_RATE: _share(matched, joined),
        store_drift.BRIGHTNESS: _column(found, "mean_brightness"),
        store_drift.FACE_SIZE: _column(found, "mean_face_px"),
        store_drift.TURNED: _share(np.maximum(on_head, on_side), standing),
    }
    rest_on = {
        store_drift.FACE_LOSS: photos,
        store_drift.MATCH_RATE: joined,
        store_drift.BRIGHTNESS: decoded,
        store_drift.FACE_SIZE: decoded - _column(found, "faces_none"),
        store_drift.TURNED: standing,
    }
    known = {
        measure: np.where(np.isnan(values[measure]), 0, rest_on[measure])
        for measure in values
    }
    return values, known


def _column(found: Sequence[Mapping[str, Any]], name: str) -> Floats:
    return np.array([health[name] for health in found], dtype=np.float64)


def _share(part: Floats, whole: Floats) -> Floats:
    return np.divide(part, whole, out=np.full_like(part, np.nan), where=whole > 0)
