"""Closing summary of a run: what a data engineer reads at the night's end."""

import dataclasses
import datetime
from collections.abc import Mapping
from typing import Any

from pipelines.domain import balance, camera_lines

_TREE = (
    (
        "photos listed",
        "photos",
        ("photos_listed",),
        (
            ("scored", "photos_scored"),
            ("resumed", "photos_resumed"),
            ("rejected", "photos_rejected"),
        ),
    ),
    ("listed, but gone", "photos", ("photos_gone",), ()),
    (
        "scored and resumed",
        "photos",
        ("photos_scored", "photos_resumed"),
        (
            ("matched", "photos_matched"),
            ("unmatched", "photos_unmatched"),
            ("ambiguous", "photos_ambiguous"),
            ("without usable face", "photos_without_face"),
        ),
    ),
    (
        "captures read",
        "rows",
        ("captures_read",),
        (
            ("rejected", "captures_rejected"),
            ("duplicate", "captures_duplicate"),
            ("unused", "captures_unused"),
        ),
    ),
    (
        "purchase lines read",
        "lines",
        ("lines_read",),
        (
            ("written", "lines_out"),
            ("rejected", "lines_rejected"),
            ("duplicate", "lines_duplicate"),
            ("superseded", "lines_superseded"),
        ),
    ),
    (
        "transactions",
        "receipts",
        ("transactions",),
        (
            ("with an age", "transactions_matched"),
            ("mixed people", "transactions_mixed_people"),
        ),
    ),
    ("columns ignored", "columns", ("columns_ignored",), ()),
    ("files unreadable", "files", ("files_unreadable",), ()),
)
"""Label, unit, what is added up, and the parts that it falls into."""

_SHOWN_IF_ANY = (
    "captures_read",
    "columns_ignored",
    "files_unreadable",
    "photos_gone",
)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """How a run ended, beside its counts.

    Attributes:
      day: Trading day.
      refusals: Why it is not published; empty if it is.
      duration_seconds: From the start of the run to its end.
      photos_per_second: Photos read and scored in this attempt.
      place: Where the tables are, for people.
      store_drift: Values of `schemas.runs.STORE_DRIFT`; empty: nothing is judged.
    """

    day: datetime.date
    refusals: tuple[str, ...]
    duration_seconds: float
    photos_per_second: float
    place: str
    store_drift: tuple[Mapping[str, Any], ...] = ()


def lines(counts: Mapping[str, int], closing: Closing) -> list[str]:
    """Writes what a run did, so that a reader can add it up.

    Args:
      counts: Every counter of `schemas.runs.COUNTS`.
      closing: How the run ended.

    Returns:
      Lines like these; `tests/golden/summary_published.txt` shows them all:

        Trading day 2026-11-21
        photos listed              5,120 photos
          scored                   4,000 photos    78.1 %
          resumed                  1,100 photos    21.5 %
          rejected                    20 photos     0.4 %
    """
    written = [f"Trading day {closing.day.isoformat()}"]
    for label, unit, whole, parts in _TREE:
        total = sum(counts[name] for name in whole)
        if total == 0 and whole[0] in _SHOWN_IF_ANY:
            continue
        written.append(_line(label, total, unit))
        written += [
            _line(f"  {part}", counts[name], unit, balance.percent(counts[name], total))
            for part, name in parts
        ]
    cameras = camera_lines.lines(closing.store_drift)
    written += [f"{label:<22}{said}" for label, said in cameras]
    return [*written, *_verdict(closing)]


def _line(label: str, count: int, unit: str, share: str = "") -> str:
    return f"{label:<22}{count:>12,} {unit:<8}{share:>8}".rstrip()


def _verdict(closing: Closing) -> list[str]:
    lines = [
        f"{'duration':<22}{closing.duration_seconds:>12,.1f} s",
        f"{'speed':<22}{closing.photos_per_second:>12,.1f} photos/s",
    ]
    if not closing.refusals:
        return [*lines, f"{'verdict':<22}published in {closing.place}"]
    lines.append(f"{'verdict':<22}REFUSED; what was published before stays as it was")
    return lines + [f"  {reason}" for reason in closing.refusals]
