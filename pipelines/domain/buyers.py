"""The age behind each receipt, from the photos that belong to it."""

import dataclasses

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipelines.domain import ages, matching
from schemas import fields, purchase_ages

METHODS = purchase_ages.MATCH_METHODS
MIXED_PEOPLE = METHODS.index("mixed_people")
NO_PHOTO = METHODS.index("no_photo")

_Index = npt.NDArray[np.int64]
_Years = npt.NDArray[np.float64]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class PhotoAges:
    """Ages of n photos, NaN without a usable face.

    Attributes:
      weights: Distributions of the photos that have one, shape `(m, 101)`.
      row_of_photo: Row of `weights` of each photo; -1 without one.
      age_years: Mean, and the 90 % interval below.
      low_years: Lower end.
      high_years: Upper end.
    """

    weights: ages.Weights
    row_of_photo: _Index
    age_years: _Years
    low_years: _Years
    high_years: _Years


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Buyers:
    """Buyers of k receipts; NaN and -1 where no age is known.

    Attributes:
      weights: Distributions of the buyers that have one, shape `(m, 101)`.
      row_of_receipt: Row of `weights` of each receipt; -1 without one.
      age_years: Mean, and the 90 % interval below.
      low_years: Lower end.
      high_years: Upper end.
      photos_used: Photos behind the age, dtype int16.
      method: Index into `METHODS`, of the surest photo, dtype int8.
      gap_seconds: Distance of the nearest photo.
    """

    weights: ages.Weights
    row_of_receipt: _Index
    age_years: _Years
    low_years: _Years
    high_years: _Years
    photos_used: npt.NDArray[np.int16]
    method: npt.NDArray[np.int8]
    gap_seconds: _Years

    @property
    def is_mixed(self) -> npt.NDArray[np.bool_]:
        """Receipts whose photos show different people, shape `(k,)`."""
        return self.method == MIXED_PEOPLE


def ages_of_photos(photos: pa.Table, calibration: ages.Calibration) -> PhotoAges:
    """Estimates the age in each photo.

    Args:
      photos: Columns face_status and age_distribution; a photo whose status is
        `ok` has a distribution.
      calibration: Of the model's bundle.
    """
    has_face = np.asarray(photos["face_status"].combine_chunks()) == "ok"
    with_age = np.flatnonzero(has_face)
    lists = photos["age_distribution"].combine_chunks().take(pa.array(with_age))
    weights = np.asarray(lists.flatten()).reshape(-1, fields.NUM_AGES)
    rows, years, low, high = _spread(with_age, len(has_face), weights, calibration)
    return PhotoAges(
        weights=weights,
        row_of_photo=rows,
        age_years=years,
        low_years=low,
        high_years=high,
    )


def of_receipts(
    photo_ages: PhotoAges,
    matches: matching.Matches,
    num_receipts: int,
    calibration: ages.Calibration,
) -> Buyers:
    """Averages the photos of each receipt, unless they show different people.

    They do when the 90 % intervals of two of them do not overlap.
    """
    matched = np.flatnonzero(matches.transaction != matching.NO_TRANSACTION)
    owner = matches.transaction[matched]
    num_photos = np.bincount(owner, minlength=num_receipts)
    is_mixed = _mixed(photo_ages, matched, owner, num_receipts)
    used = ~is_mixed[owner]
    matched, owner = matched[used], owner[used]
    with_age, weights = _average(photo_ages, matched, owner)
    rows, years, low, high = _spread(with_age, num_receipts, weights, calibration)
    method = np.where(is_mixed, MIXED_PEOPLE, NO_PHOTO).astype(np.int8)
    # Methods are ordered from the surest on, in both tables.
    np.minimum.at(method, owner, matches.method[matched])
    gap = np.full(num_receipts, np.inf)
    np.minimum.at(gap, owner, matches.gap_seconds[matched])
    return Buyers(
        weights=weights,
        row_of_receipt=rows,
        age_years=years,
        low_years=low,
        high_years=high,
        photos_used=np.where(is_mixed, 0, num_photos).astype(np.int16),
        method=method,
        gap_seconds=np.where(np.isinf(gap), np.nan, gap),
    )


def _mixed(
    photo_ages: PhotoAges, matched: _Index, owner: _Index, num_receipts: int
) -> npt.NDArray[np.bool_]:
    max_low = np.full(num_receipts, -np.inf)
    min_high = np.full(num_receipts, np.inf)
    np.maximum.at(max_low, owner, photo_ages.low_years[matched])
    np.minimum.at(min_high, owner, photo_ages.high_years[matched])
    return max_low > min_high


def _average(
    photo_ages: PhotoAges, matched: _Index, owner: _Index
) -> tuple[_Index, ages.Weights]:
    """Gives the receipts that have an age, ascending, and their distributions."""
    with_age, group = np.unique(owner, return_inverse=True)
    rows = photo_ages.row_of_photo[matched]
    is_shared = (np.bincount(group, minlength=len(with_age)) > 1)[group]
    weights = np.empty((len(with_age), fields.NUM_AGES), np.uint16)
    weights[group[~is_shared]] = photo_ages.weights[rows[~is_shared]]
    shared, index = np.unique(group[is_shared], return_inverse=True)
    weights[shared] = ages.mean_weights(
        photo_ages.weights[rows[is_shared]], index, len(shared)
    )
    return with_age, weights


def _spread(
    owners: _Index, size: int, weights: ages.Weights, calibration: ages.Calibration
) -> tuple[_Index, _Years, _Years, _Years]:
    """Places each distribution's row and estimate at its owner."""
    estimates = ages.estimate(weights, calibration)
    rows = np.full(size, -1, np.int64)
    rows[owners] = np.arange(len(owners))
    columns = []
    for known in (estimates.mean_years, estimates.low_years, estimates.high_years):
        years = np.full(size, np.nan)
        years[owners] = known
        columns.append(years)
    return rows, columns[0], columns[1], columns[2]
