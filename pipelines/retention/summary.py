"""Says what a purge deleted, by kind and by day."""

import collections
from collections.abc import Iterable, Sequence

from pipelines.retention import purging, removals


def lines(outcomes: Sequence[purging.DayOutcome], is_dry_run: bool) -> list[str]:
    """Writes the closing summary.

    Args:
      outcomes: Days, ascending.
      is_dry_run: Whether nothing was deleted.

    Returns:
      Lines such as these:

        day         kind                 files              bytes
        2026-10-01  photos               1,234         56,789,012
        all days    photos               1,234         56,789,012
        2026-10-02  3 files of photos stay: the day is not published
    """
    said = ["dry run: nothing is deleted; this would be"] if is_dry_run else []
    total: dict[str, list[removals.Tally]] = collections.defaultdict(list)
    rows = []
    for outcome in outcomes:
        by_kind: dict[str, list[removals.Tally]] = collections.defaultdict(list)
        for tally in outcome.tallies:
            by_kind[tally.kind].append(tally)
            total[tally.kind].append(tally)
        rows += _rows(outcome.date.isoformat(), by_kind.items())
    if rows:
        header = f"{'day':<10}  {'kind':<12} {'files':>13} {'bytes':>18}"
        said += [header, *rows, *_rows("all days", total.items())]
    else:
        said.append("nothing is older than it may be")
    for outcome in outcomes:
        date = outcome.date.isoformat()
        said += [f"{date}  {reason}" for reason in outcome.kept]
        if outcome.failure:
            said.append(f"{date}  NOT PURGED: {outcome.failure}")
    return said


def _rows(
    day: str, by_kind: Iterable[tuple[str, Sequence[removals.Tally]]]
) -> list[str]:
    return [
        f"{day:<10}  {kind:<12} {sum(one.files for one in found):>13,} "
        f"{sum(one.bytes for one in found):>18,}"
        for kind, found in by_kind
    ]
