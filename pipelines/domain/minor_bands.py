"""Bands of age round a legal age: fine where it matters, with photos enough."""

import dataclasses

import numpy as np
import numpy.typing as npt

from pipelines.domain import responses

MIN_BUYER_YEARS = 13
"""Younger children do not buy alone; their photos say nothing of buyers."""

_TRUE_OFFSETS_YEARS = (0, 3, 7, 12, 22)
_PREDICTED_OFFSETS_YEARS = (-3, *_TRUE_OFFSETS_YEARS)
"""Lower bounds of bands, from the legal age on; bounds that are not known are left."""

_MIN_PHOTOS_OF_MINORS = 10
_MIN_PHOTOS_OF_BAND = 30

Floats = npt.NDArray[np.float64]


def predicted_bounds(
    calibration: responses.Calibration, legal_age: int
) -> tuple[int, ...]:
    """Gives the lower bounds of the bands of predicted age but the first, in years."""
    return _known(calibration, legal_age, _PREDICTED_OFFSETS_YEARS)


def response(
    calibration: responses.Calibration, legal_age: int
) -> responses.Response | None:
    """Chooses true bands that hold enough photos.

    Args:
      calibration: Its bounds must hold the legal age.
      legal_age: Years.

    Returns:
      The response; its first true band are the minors of `MIN_BUYER_YEARS` and older.
      None: too few photos of them.

    Raises:
      ValueError: the calibration has no bound at the legal age.
    """
    ends = np.array([*calibration.bounds_years, np.inf])
    counts = np.where(ends > MIN_BUYER_YEARS, calibration.counts, 0)
    calibration = dataclasses.replace(calibration, counts=counts)
    calibration.band_of((legal_age,))
    photos, starts = counts.sum(axis=0), np.array([0, *calibration.bounds_years])
    chosen = [legal_age]
    for bound in _known(calibration, legal_age, _TRUE_OFFSETS_YEARS[1:]):
        is_before = (starts >= chosen[-1]) & (starts < bound)
        is_after = starts >= bound
        if min(photos[is_before].sum(), photos[is_after].sum()) >= _MIN_PHOTOS_OF_BAND:
            chosen.append(bound)
    of_minors = photos[starts < legal_age].sum()
    if of_minors < _MIN_PHOTOS_OF_MINORS or photos.sum() - of_minors < 1:
        return None
    predicted = predicted_bounds(calibration, legal_age)
    return responses.coarsen(calibration, predicted, chosen)


def mixes(response: responses.Response, tilts: Floats) -> Floats:
    """Weighs photos of minors so that each age is `tilt` times the one before.

    Args:
      response: As of `response`; its sub-bands under the legal age taken as ages.
      tilts: `(draws,)`.

    Returns:
      Weights of the sub-bands, `(draws, sub-bands)`; adults' are 1.
    """
    photos = response.counts.sum(axis=0)
    is_minor = (response.band == 0) & (photos > 0)
    steps = np.cumsum(is_minor) - is_minor.sum()
    # Three photos more keep the only photo of an age from weighing as much as many.
    weights = tilts[:, None] ** steps / (photos + 3)
    return np.where(is_minor, weights, 1.0)


def _known(
    calibration: responses.Calibration, legal_age: int, offsets: tuple[int, ...]
) -> tuple[int, ...]:
    wanted = (legal_age + offset for offset in offsets)
    return tuple(age for age in wanted if age in calibration.bounds_years)
