"""Deals photos to training, validation, calibration and test."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from pipelines.domain import splits

BAND_YEARS = 5


def assign(
    names: Sequence[str],
    ages_years: npt.NDArray[np.float64],
    groups: npt.NDArray[np.int64],
    given: Sequence[str],
) -> npt.NDArray[np.str_]:
    """Deals photos to the splits, alike within each age band of five years.

    Within a band, photos are ordered by the hash of their file name: the first
    70 % train, 10 % each validate, calibrate and test. So a photo keeps its side
    from run to run, and nearly always when others are added.

    Args:
      names: File names, shape `(n,)`; folders before them do not matter.
      ages_years: Shape `(n,)`.
      groups: Duplicates share a number; shape `(n,)`. A group goes where its first
        photo by hash goes, whatever the ages it is labelled with.
      given: Where a photo must go; empty: anywhere. Holds for its whole group, by
        the last split that is named: better a photo tested than trained on.

    Returns:
      One of `pipelines.domain.splits.SPLITS` a photo, shape `(n,)`.
    """
    places = np.array([splits.share_of(name) for name in names])
    order = np.lexsort((np.asarray(names, dtype=np.str_), places))
    _, leads = np.unique(groups[order], return_index=True)
    lead_of_group = order[leads]
    members = np.unique(groups, return_inverse=True)[1]
    dealt = _deal(lead_of_group, ages_years, np.argsort(order), np.bincount(members))
    for rank, name in enumerate(splits.SPLITS):
        asked = members[np.asarray(given, dtype=np.str_) == name]
        dealt[asked] = rank
    return np.array(splits.SPLITS)[dealt[members]]


def _deal(
    leads: npt.NDArray[np.int64],
    ages_years: npt.NDArray[np.float64],
    ranks: npt.NDArray[np.int64],
    sizes: npt.NDArray[np.int64],
) -> npt.NDArray[np.int64]:
    """Deals groups by the ages and ranks of their leads; gives indices of splits."""
    bands = (ages_years[leads] // BAND_YEARS).astype(np.int64)
    dealt = np.empty(len(leads), np.int64)
    for band in np.unique(bands):
        inside = np.flatnonzero(bands == band)
        inside = inside[np.argsort(ranks[leads[inside]], kind="stable")]
        reached = np.cumsum(sizes[inside]) - sizes[inside] / 2
        dealt[inside] = splits.split_at(reached / sizes[inside].sum())
    return dealt
