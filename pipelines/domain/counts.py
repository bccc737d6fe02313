"""Counters of a run, which add up over its parts."""

from collections.abc import Iterable, Mapping

from schemas import runs


def total(parts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """Adds up counters.

    Args:
      parts: Any of the counters of `runs.COUNTS`; a missing one is 0.

    Returns:
      Every counter of `runs.COUNTS`.

    Raises:
      KeyError: a counter is not one of them.
    """
    sums = dict.fromkeys(runs.COUNTS, 0)
    for part in parts:
        for name, count in part.items():
            sums[name] += count
    return sums
