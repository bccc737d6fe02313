"""Whether a run adds up, and whether it may be published."""

import dataclasses
from collections.abc import Mapping, Sequence

from schemas import tables

_EQUATIONS = (
    (("photos_listed",), ("photos_scored", "photos_resumed", "photos_rejected")),
    (
        ("photos_scored", "photos_resumed"),
        (
            "photos_matched",
            "photos_unmatched",
            "photos_ambiguous",
            "photos_without_face",
        ),
    ),
    (
        ("lines_read",),
        ("lines_out", "lines_rejected", "lines_duplicate", "lines_superseded"),
    ),
)
"""What must equal what, by the names of `schemas.runs.COUNTS`."""

_PARTS = (
    (
        ("captures_read",),
        ("captures_rejected", "captures_duplicate", "captures_unused"),
    ),
    (("transactions",), ("transactions_matched", "transactions_mixed_people")),
)
"""Whole numbers that parts of them cannot exceed."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Fullness:
    """How full a day is: what a re-run may not lower.

    Attributes:
      photos_with_age: Photos with an age.
      lines_out: Lines of `purchase_ages`.
    """

    photos_with_age: int
    lines_out: int


def fullness(counts: Mapping[str, int]) -> Fullness:
    """Tells how full a run's day is."""
    with_age = ("photos_matched", "photos_unmatched", "photos_ambiguous")
    return Fullness(
        photos_with_age=_sum(counts, with_age), lines_out=counts["lines_out"]
    )


def check(
    counts: Mapping[str, int],
    *,
    max_rejected_fraction: float,
    allow_shrink: bool = False,
    published: Fullness | None = None,
) -> list[str]:
    """Finds the reasons why a run may not be published.

    Args:
      counts: Every counter of `schemas.runs.COUNTS`.
      max_rejected_fraction: Largest share, 0 to 1, of the photos, purchase lines
        or captures rows that may be rejected.
      allow_shrink: Whether the day may be replaced by an emptier one.
      published: The day as it is published now; None if it is not.

    Returns:
      One line a reason; none if the run may be published.
    """
    reasons = [*_imbalances(counts), *_empty_inputs(counts)]
    reasons += _too_many_rejected(counts, max_rejected_fraction)
    if published is not None and not allow_shrink:
        reasons += _shrinkages(fullness(counts), published)
    return reasons


def check_tables(counts: Mapping[str, int], rows: Mapping[str, int]) -> list[str]:
    """Finds the reasons why a run's tables do not agree with its counts.

    Args:
      counts: Every counter of `schemas.runs.COUNTS`.
      rows: Rows of each table written, by its folder.

    Returns:
      One line a reason; none if they agree.
    """
    reasons = [
        f"the table {table.folder} was not written"
        for table in tables.PUBLISHED
        if table.folder not in rows
    ]
    placed = _sum(counts, ("photos_scored", "photos_resumed"))
    photos = rows.get(tables.PHOTO_AGES.folder, placed)
    # A photo that no decoder could read has a row too where its place is known.
    if not placed <= photos <= counts["photos_listed"]:
        reasons.append(
            f"does not balance: {tables.PHOTO_AGES.folder} has {photos:,} rows, "
            f"scored and resumed are {placed:,} of {counts['photos_listed']:,} photos"
        )
    lines = rows.get(tables.PURCHASE_AGES.folder, counts["lines_out"])
    if lines != counts["lines_out"]:
        reasons.append(
            f"does not balance: {tables.PURCHASE_AGES.folder} has {lines:,} rows, "
            f"lines_out is {counts['lines_out']:,}"
        )
    return reasons


def _imbalances(counts: Mapping[str, int]) -> list[str]:
    equations = [
        f"does not balance: {_terms(counts, whole)} is not {_terms(counts, parts)}"
        for whole, parts in _EQUATIONS
        if _sum(counts, whole) != _sum(counts, parts)
    ]
    parts_too_large = [
        f"does not balance: {_terms(counts, whole)} is less than "
        f"{_terms(counts, parts)}"
        for whole, parts in _PARTS
        if _sum(counts, whole) < _sum(counts, parts)
    ]
    negative = [
        f"does not balance: {name} is {value}"
        for name, value in sorted(counts.items())
        if value < 0
    ]
    return equations + parts_too_large + negative


def _empty_inputs(counts: Mapping[str, int]) -> list[str]:
    reasons = []
    if _sum(counts, ("photos_scored", "photos_resumed")) == 0:
        reasons.append("nothing scored: no photo of the day could be used")
    if counts["lines_out"] == 0:
        reasons.append("no purchase line of the day could be used")
    return reasons


def _too_many_rejected(counts: Mapping[str, int], limit: float) -> list[str]:
    inputs = (("photos", "listed"), ("lines", "read"), ("captures", "read"))
    reasons = []
    for what, read in inputs:
        rejected, total = counts[f"{what}_rejected"], counts[f"{what}_{read}"]
        if rejected > limit * total:
            reasons.append(
                f"too many rejected: {rejected:,} of {total:,} {what} "
                f"({percent(rejected, total)}); --max-rejected-fraction allows "
                f"{100 * limit:g} %; see the rejections for the reasons"
            )
    return reasons


def _shrinkages(new: Fullness, published: Fullness) -> list[str]:
    pairs = (
        ("photos with an age", new.photos_with_age, published.photos_with_age),
        ("purchase lines", new.lines_out, published.lines_out),
    )
    return [
        f"would shrink the published day from {before:,} to {after:,} {what}; "
        "--allow-shrink permits it"
        for what, after, before in pairs
        if after < before
    ]


def percent(part: int, total: int) -> str:
    """Writes a share, such as `0.4 %`; empty if there is no total."""
    return f"{100 * part / total:.1f} %" if total else ""


def _sum(counts: Mapping[str, int], names: Sequence[str]) -> int:
    return sum(counts[name] for name in names)


def _terms(counts: Mapping[str, int], names: Sequence[str]) -> str:
    return " + ".join(f"{name} {counts[name]:,}" for name in names)
