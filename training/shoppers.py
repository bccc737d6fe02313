"""The mix of ages at a till: what calibration and headline figures are weighted to."""

import csv
import pathlib

import numpy as np
import numpy.typing as npt

from training import errors

MIN_AGE_YEARS = 13
"""Younger children do not shop alone, and would flatter every figure."""

BAND_YEARS = 5
_NUM_BANDS = 21

# Adults of working age alike, fewer teenagers and fewer of the very old.
_BUILT_IN = ((13, 0.2), (20, 1.0), (60, 1.0), (75, 0.5), (90, 0.1), (101, 0.0))

Floats = npt.NDArray[np.float64]


class ShopperAgesError(errors.InputError):
    """A file of shoppers' ages cannot be used; the message says why."""


def built_in_mix() -> Floats:
    """Gives the share of shoppers by year of age, 0 to 104, where none is known."""
    ages, weights = zip(*_BUILT_IN, strict=True)
    years = np.arange(_NUM_BANDS * BAND_YEARS)
    return np.interp(years, ages, weights) * (years >= MIN_AGE_YEARS)


def read_mix(path: pathlib.Path) -> Floats:
    """Reads how many shoppers there are of each age.

    Args:
      path: CSV with the columns `age` (whole years) and `photos` (a count).

    Returns:
      Counts by year of age, 0 to 104; 0 below `MIN_AGE_YEARS`.

    Raises:
      ShopperAgesError: the file cannot be read as such, or holds no adult.
    """
    mix = np.zeros(_NUM_BANDS * BAND_YEARS)
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            for row in csv.DictReader(file):
                mix[min(int(row["age"]), len(mix) - 1)] += float(row["photos"])
    except (OSError, KeyError, ValueError, TypeError) as error:
        raise ShopperAgesError(
            f"{path}: must be a CSV with the columns age and photos: {error!r}"
        ) from error
    mix[:MIN_AGE_YEARS] = 0
    if not (mix.sum() > 0 and (mix >= 0).all()):
        raise ShopperAgesError(f"{path}: counts no shopper of {MIN_AGE_YEARS} or older")
    return mix


def weights_of(ages_years: Floats, mix: Floats) -> Floats:
    """Weights people so that their ages follow a mix, by five-year bands.

    Bands smooth what single years of few photos would make wild.

    Args:
      ages_years: Real ages, shape `(n,)`.
      mix: Shares by year of age.

    Returns:
      Weights, shape `(n,)`, mean 1 over those above 0; 0 for children under
      `MIN_AGE_YEARS`. Bands without a photo are left out.
    """
    bands = np.minimum(ages_years // BAND_YEARS, _NUM_BANDS - 1).astype(int)
    is_shopper = ages_years >= MIN_AGE_YEARS
    found = np.bincount(bands[is_shopper], minlength=_NUM_BANDS)
    wanted = mix.reshape(_NUM_BANDS, BAND_YEARS).sum(axis=1)
    ratios = np.divide(wanted, found, out=np.zeros(_NUM_BANDS), where=found > 0)
    weights = ratios[bands] * is_shopper
    positive = weights[weights > 0]
    return weights / positive.mean() if len(positive) else weights
