"""The original study: its figures, and the ages of the photos that it had.

A supermarket chain's first study fitted ResNet50 to 7,591 labelled photos. The photos
are not to be had; how many it had of each age is known, so that the errors of another
model can be weighted to the same mix.
"""

import numpy as np
import numpy.typing as npt

VALIDATION_MAE_YEARS = 6.46
"""What the study reached on photos unseen in training; its goal was below 7."""

TRAIN_MAE_YEARS = 3.15

BAND_YEARS = 5
_NUM_BANDS = 21

# Photos at each year of age, 0 to 100, ten to a row; as published with the study.
# fmt: off
_PHOTOS = (
    0, 149, 88, 25, 101, 87, 68, 67, 44, 34,
    45, 51, 56, 79, 125, 128, 193, 163, 193, 180,
    178, 143, 179, 213, 211, 315, 226, 229, 217, 164,
    317, 129, 174, 144, 156, 147, 122, 144, 124, 107,
    167, 98, 99, 85, 96, 88, 74, 93, 66, 74,
    156, 70, 76, 45, 44, 51, 41, 37, 54, 41,
    75, 28, 28, 20, 23, 36, 18, 18, 15, 18,
    50, 10, 13, 10, 6, 17, 7, 8, 3, 6,
    31, 3, 5, 3, 8, 12, 3, 6, 3, 4,
    21, 1, 0, 1, 5, 2, 2, 1, 0, 0,
    1,
)
# fmt: on

Floats = npt.NDArray[np.float64]


def photos_by_age() -> npt.NDArray[np.int64]:
    """Gives the study's number of photos at each year of age, 0 to 104."""
    counts = np.zeros(_NUM_BANDS * BAND_YEARS, dtype=np.int64)
    counts[: len(_PHOTOS)] = _PHOTOS
    return counts


def study_mix() -> Floats:
    """Gives the share of the study's photos at each year of age, 0 to 104; sum 1."""
    counts = photos_by_age()
    return counts / counts.sum()


def weights_of(ages_years: Floats) -> Floats:
    """Weights people so that their ages follow the study's, by five-year bands.

    Every person of one band weighs the same: the study's share of the band over the
    band's number of people. Bands smooth what single years of few people would make
    wild. Children count as they do in the study.

    Args:
      ages_years: Real ages, shape `(n,)`, 0 or more; from 100 on one band.

    Returns:
      Weights, shape `(n,)`, sum 1 (empty for none). Bands of the study without
      anybody are left out, see `covered_share`.
    """
    found = _people_by_band(ages_years)
    ratios = np.divide(
        _shares_by_band(), found, out=np.zeros(_NUM_BANDS), where=found > 0
    )
    weights = ratios[_bands(ages_years)]
    total = weights.sum()
    return weights / total if total > 0 else weights


def covered_share(ages_years: Floats) -> float:
    """Tells how much of the study lies in bands that these people are of, 0 to 1.

    Below 1, figures weighted by `weights_of` leave a part of the study out.
    """
    return float(_shares_by_band()[_people_by_band(ages_years) > 0].sum())


def _bands(ages_years: Floats) -> npt.NDArray[np.int64]:
    bands = np.asarray(ages_years, dtype=np.float64) // BAND_YEARS
    return np.minimum(bands, _NUM_BANDS - 1).astype(np.int64)


def _people_by_band(ages_years: Floats) -> npt.NDArray[np.int64]:
    return np.bincount(_bands(ages_years), minlength=_NUM_BANDS)


def _shares_by_band() -> Floats:
    shares: Floats = study_mix().reshape(_NUM_BANDS, BAND_YEARS).sum(axis=1)
    return shares
