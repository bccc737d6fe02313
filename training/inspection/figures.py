"""Counts and shares of an inspected set."""

import collections
import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from pipelines.domain import age_groups, splits
from training import evaluation, splitting, study
from training.inspection import findings, scan

AGE_GROUPS = age_groups.AgeGroups(
    evaluation.AGE_BOUNDS_YEARS, first_label=f"0-{evaluation.AGE_BOUNDS_YEARS[0] - 1}"
)
"""As in the figures of an evaluation."""

THIN_PHOTOS = 100
"""A test split has a tenth: under ten people tell nothing of an age group."""

BAND_EDGES_YEARS = np.arange(0, 106, study.BAND_YEARS)
"""Of the study's bands; the last one holds everybody of 100 and older."""

_MAX_VALUES = 20
_HEAPING_YEARS = (23, 62)

Floats = npt.NDArray[np.float64]


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Inspected:
    """What was found out about a set.

    Attributes:
      scanned: What it holds.
      listed: Findings, as `findings.find` lists them.
      splits: One a photo of `scanned.seen`; empty for the dropped.
    """

    scanned: scan.Scan
    listed: Sequence[findings.Finding]
    splits: Sequence[str]

    @property
    def ages_years(self) -> Floats:
        """Labels of all photos that were read, shape `(n,)`."""
        return np.array([one.label.age_years for one in self.scanned.seen], np.float64)

    @property
    def is_kept(self) -> npt.NDArray[np.bool_]:
        """Which of them training uses, shape `(n,)`."""
        return np.array([one.is_kept for one in self.scanned.seen], bool)

    @property
    def kept_years(self) -> Floats:
        """Labels of those that training uses."""
        return self.ages_years[self.is_kept]

    @property
    def stops(self) -> list[findings.Finding]:
        """Findings that training would refuse the set for."""
        return [one for one in self.listed if one.outcome == findings.STOPS]

    def columns(self) -> dict[str, npt.NDArray[np.str_]]:
        """Gives the labels' further columns, by name, where they group photos.

        A column of more than 20 values is left out: it is no grouping.
        """
        labels = [one.label.columns for one in self.scanned.seen]
        names = dict.fromkeys(name for columns in labels for name in columns)
        values = {
            name: np.array([columns.get(name, "") for columns in labels])
            for name in names
        }
        return {
            name: found
            for name, found in values.items()
            if 1 <= len(set(found.tolist()) - {""}) <= _MAX_VALUES
        }


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class GroupCounts:
    """Photos of one age group.

    Attributes:
      age_group: One of `AGE_GROUPS`.
      photos: That were read.
      kept: That training uses.
      kept_share: Of all that training uses, 0 to 1.
      study_share: Of the original study's photos, 0 to 1.
      splits: Kept photos by split.
    """

    age_group: str
    photos: int
    kept: int
    kept_share: float
    study_share: float
    splits: Mapping[str, int]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ValueCounts:
    """Photos of one value of a further column.

    Attributes:
      value: As labelled; may be empty.
      photos: That were read.
      kept: That training uses.
      mean_age_years: Of those; None: there are none.
      over_60_share: Of those, 60 and older, 0 to 1.
      median_shorter_px: Shorter side of those that could be decoded.
    """

    value: str
    photos: int
    kept: int
    mean_age_years: float | None
    over_60_share: float
    median_shorter_px: float | None


def deal(seen: Sequence[scan.Seen]) -> list[str]:
    """Deals photos to the splits as training does; empty for those it drops."""
    kept = [one for one in seen if one.is_kept]
    if not kept:
        return [""] * len(seen)
    dealt = splitting.assign(
        [one.name for one in kept],
        np.array([one.label.age_years for one in kept], np.float64),
        findings.groups_of(kept),
        [one.label.split for one in kept],
    )
    waiting = iter(dealt.tolist())
    return [next(waiting) if one.is_kept else "" for one in seen]


def dropped(found: scan.Scan) -> dict[str, int]:
    """Counts what training leaves out, by the reasons that training gives."""
    counts = collections.Counter(
        f"{view}_photos_{status}"
        for one in found.seen
        for view, status in one.statuses.items()
        if status != "ok"
    )
    counts["labels_without_photo"] = len(found.orphans)
    counts["photos_without_label"] = len(found.strangers)
    return {reason: count for reason, count in sorted(counts.items()) if count}


def by_age_group(found: Inspected) -> list[GroupCounts]:
    """Counts photos of each group of `AGE_GROUPS`."""
    orders = AGE_GROUPS.orders(found.ages_years)
    years = np.arange(len(study.study_mix()), dtype=np.float64)
    study_shares = np.bincount(AGE_GROUPS.orders(years), study.study_mix())
    kept, dealt = found.is_kept, np.array(found.splits, dtype=np.str_)
    return [
        GroupCounts(
            age_group=name,
            photos=int((orders == order).sum()),
            kept=int((kept & (orders == order)).sum()),
            kept_share=_share((kept & (orders == order)).sum(), kept.sum()),
            study_share=round(float(study_shares[order]), 4),
            splits=_by_split(dealt[orders == order].tolist()),
        )
        for order, name in enumerate(AGE_GROUPS.labels[:-1])
    ]


def by_value(found: Inspected, values: npt.NDArray[np.str_]) -> list[ValueCounts]:
    """Counts photos by the values of one column, the most frequent first."""
    names, counts = np.unique(values, return_counts=True)
    order = np.lexsort((names, -counts))
    return [_of_value(found, name, values == name) for name in names[order].tolist()]


def _of_value(
    found: Inspected, value: str, inside: npt.NDArray[np.bool_]
) -> ValueCounts:
    ages_years = found.ages_years[inside & found.is_kept]
    sides = shorter_sides(found.scanned.seen)[inside]
    sides = sides[sides > 0]
    return ValueCounts(
        value=value,
        photos=int(inside.sum()),
        kept=len(ages_years),
        mean_age_years=round(float(ages_years.mean()), 2) if len(ages_years) else None,
        over_60_share=_share((ages_years >= 60).sum(), len(ages_years)),
        median_shorter_px=float(np.median(sides)) if len(sides) else None,
    )


def splits_of(found: Inspected) -> dict[str, int]:
    """Counts kept photos by split."""
    return _by_split(found.splits)


def empty_groups(found: Inspected) -> list[str]:
    """Names the age groups of whom training would see nobody."""
    return [one.age_group for one in by_age_group(found) if one.kept == 0]


def thin_groups(found: Inspected) -> list[str]:
    """Names those of fewer than `THIN_PHOTOS` photos, but some."""
    return [one.age_group for one in by_age_group(found) if 0 < one.kept < THIN_PHOTOS]


def heaping(ages_years: Floats) -> float | None:
    """Measures how far ages are rounded to fives: Whipple's index.

    Returns:
      100: not at all; 500: all end in 0 or 5. None: nobody is 23 to 62.
    """
    low, high = _HEAPING_YEARS
    inside = ages_years[(ages_years >= low) & (ages_years <= high)]
    if not len(inside):
        return None
    return round(float((inside % 5 == 0).mean() * 500), 1)


def band_counts(ages_years: Floats) -> npt.NDArray[np.int64]:
    """Counts people in each band of `BAND_EDGES_YEARS`, shape `(21,)`."""
    last = BAND_EDGES_YEARS[-1] - 1
    counts: npt.NDArray[np.int64] = np.histogram(
        np.minimum(ages_years, last), BAND_EDGES_YEARS
    )[0]
    return counts


def study_counts() -> npt.NDArray[np.int64]:
    """Counts the original study's photos in each band, shape `(21,)`."""
    counts: npt.NDArray[np.int64] = (
        study.photos_by_age().reshape(-1, study.BAND_YEARS).sum(axis=1)
    )
    return counts


def shorter_sides(seen: Sequence[scan.Seen]) -> npt.NDArray[np.int64]:
    """Gives shorter sides in pixels; 0 where a photo cannot be decoded."""
    return np.array([one.shorter_px for one in seen], np.int64)


def _by_split(values: Sequence[str]) -> dict[str, int]:
    counts = collections.Counter(values)
    return {name: counts[name] for name in splits.SPLITS}


def _share(part: int, whole: int) -> float:
    return round(float(part) / max(int(whole), 1), 4)
