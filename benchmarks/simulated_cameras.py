"""Simulated health of stores' cameras, day by day: steady ones, and ones that change.

Steady is not still: shops are fuller and lit otherwise on some weekdays, older people
come on others, daylight follows the year, and weather makes days differ.
"""

import dataclasses
import datetime

import numpy as np
import numpy.typing as npt

FIRST_DAY = datetime.date(2026, 1, 5)
"""A Monday."""

_TRAFFIC = np.array([0.80, 0.85, 0.90, 1.00, 1.30, 1.50, 0.65])
_AGE_SHARES = np.array(
    [1, 1, 1, 3, 8, 11, 11, 10, 9, 8, 8, 7, 6, 5, 4, 3, 2, 1, 0.5, 0.5]
)
_WEEKDAY_BRIGHTNESS = 0.04
_WEEKDAY_AGE_TILT = 0.01
_WEATHER_BRIGHTNESS = 0.03
_SEASON_BRIGHTNESS = 0.05
_DAY_FACE_PX = 0.015
_DAY_LOSS = 0.10
_AGE_CONCENTRATION = 3_000.0
"""Of the Dirichlet distribution of a day's ages: the larger, the more alike."""

Floats = npt.NDArray[np.float64]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Change:
    """What becomes of a camera; factors of 1 and a loss of 0 are none.

    Attributes:
      brightness: Factor of the mean brightness.
      daily_brightness: Factor of the mean brightness for each day since the change.
      face_px: Factor of the mean face size.
      lost: Share of the usable faces that are lost besides.
    """

    brightness: float = 1.0
    daily_brightness: float = 1.0
    face_px: float = 1.0
    lost: float = 0.0


class Store:
    """One simulated store."""

    def __init__(
        self, store_id: str, photos_a_day: float, rng: np.random.Generator
    ) -> None:
        """Draws what is particular to the store."""
        self._store_id = store_id
        self._rng = rng
        self._photos = photos_a_day
        self._brightness = rng.uniform(90, 150)
        self._weekday_brightness = rng.lognormal(0, _WEEKDAY_BRIGHTNESS, 7)
        self._face_px = rng.uniform(70, 140)
        self._face_loss = rng.uniform(0.02, 0.12)
        self._match_rate = rng.uniform(0.93, 0.99)
        tilt = rng.normal(0, _WEEKDAY_AGE_TILT, (7, 1))
        shares = _AGE_SHARES * np.exp(tilt * np.arange(len(_AGE_SHARES)))
        self._age_shares = shares / shares.sum(axis=1, keepdims=True)

    def health(
        self, date: datetime.date, change: Change, days_since: int
    ) -> dict[str, object]:
        """Draws a day's value of `schemas.runs.STORE_HEALTH`.

        Args:
          date: The day.
          change: What has become of the camera.
          days_since: Days since the change, 0 on its first.
        """
        rng, weekday = self._rng, date.weekday()
        photos = max(int(rng.poisson(self._photos * _TRAFFIC[weekday])), 1)
        kept = (1 - self._face_loss * rng.lognormal(0, _DAY_LOSS)) * (1 - change.lost)
        usable = int(rng.binomial(photos, kept))
        matched = int(rng.binomial(usable, self._match_rate))
        return {
            "store_id": self._store_id,
            "photos": photos,
            "faces_ok": usable,
            "faces_none": photos - usable,
            "faces_undecodable": 0,
            "matched": matched,
            "unmatched": usable - matched,
            "ambiguous": 0,
            "upright": usable,
            "upside_down": 0,
            "on_side": 0,
            "mean_brightness": self._mean_brightness(date, change, days_since, photos),
            "mean_face_px": self._mean_face_px(change, usable),
            "photos_by_age_band": self._bands(weekday, usable).tolist(),
            "mean_age_years": 40.0 if usable else None,
        }

    def _mean_brightness(
        self, date: datetime.date, change: Change, days_since: int, photos: int
    ) -> float:
        season = 2 * np.pi * (date - FIRST_DAY).days / 365
        sigma = np.hypot(_WEATHER_BRIGHTNESS, 0.25 / np.sqrt(photos))
        return float(
            self._brightness
            * self._weekday_brightness[date.weekday()]
            * (1 - _SEASON_BRIGHTNESS * np.cos(season))
            * self._rng.lognormal(0, sigma)
            * change.brightness
            * change.daily_brightness**days_since
        )

    def _mean_face_px(self, change: Change, usable: int) -> float | None:
        if not usable:
            return None
        sigma = np.hypot(_DAY_FACE_PX, 0.2 / np.sqrt(usable))
        drawn = self._rng.lognormal(0, sigma)
        return float(self._face_px * drawn * change.face_px)

    def _bands(self, weekday: int, usable: int) -> npt.NDArray[np.int64]:
        of_day = self._rng.dirichlet(self._age_shares[weekday] * _AGE_CONCENTRATION)
        return self._rng.multinomial(usable, of_day)
