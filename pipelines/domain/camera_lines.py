"""What the closing summary of a run says of the stores' cameras."""

from collections.abc import Mapping, Sequence
from typing import Any

from pipelines.domain import drift_settings
from schemas import store_drift as drifts

_MOST = 20
_SETTINGS = drift_settings.DriftSettings()

Judged = Mapping[str, Any]


def lines(store_drift: Sequence[Judged]) -> list[tuple[str, str]]:
    """Says which cameras see what they used to, and which do not.

    Args:
      store_drift: Values of `schemas.runs.STORE_DRIFT`, by store.

    Returns:
      Pairs of a label and what is said, such as `cameras` and `as usual (2 stores)`;
      none without a store.
    """
    by_status: dict[str, list[list[Judged]]] = {}
    for rows in _by_store(store_drift):
        by_status.setdefault(_status(rows), []).append(rows)
    said = [
        f"{how} ({_counted(stores)}){_why(status, stores)}"
        for status, how in _HOW.items()
        if (stores := by_status.get(status))
    ]
    return [
        *(("cameras", one) for one in said),
        *(("camera alarm", one) for one in _alarms(store_drift)),
    ]


_HOW = {
    "usual": "as usual",
    "alarm": "not as usual",
    "no_history": "not judged yet",
    "no_photos": "not judged",
}
"""By status of a store, in the order in which they are told."""


def _by_store(store_drift: Sequence[Judged]) -> list[list[Judged]]:
    found: dict[str, list[Judged]] = {}
    for row in store_drift:
        found.setdefault(row["store_id"], []).append(row)
    return list(found.values())


def _status(rows: Sequence[Judged]) -> str:
    """Gives the status of a store: what matters most of those of its measures.

    That its photos are not turned does not tell that they are as before.
    """
    compared = (row for row in rows if row["measure"] in drifts.COMPARED)
    found = {row["status"] for row in compared}
    if any(row["is_alarm"] for row in rows):
        found.add("alarm")
    order = ("alarm", "usual", "no_history", "no_photos")
    return next(status for status in order if status in found)


def _counted(stores: Sequence[Sequence[Judged]]) -> str:
    return f"{len(stores):,} store{'' if len(stores) == 1 else 's'}"


def _why(status: str, stores: Sequence[Sequence[Judged]]) -> str:
    if status == "no_history":
        known = sorted({max(row["days_before"] for row in rows) for rows in stores})
        days = f"{known[0]}" if len(known) == 1 else f"{known[0]} to {known[-1]}"
        return f": {days} of {_SETTINGS.min_days} days before are published"
    if status == "no_photos":
        named = [rows[0]["store_id"] for rows in stores]
        return f": fewer than {_SETTINGS.min_photos} photos in {_listed(named)}"
    return ""


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _MOST
    return ", ".join(names[:_MOST]) + (f" and {more:,} more" if more > 0 else "")


def _alarms(store_drift: Sequence[Judged]) -> list[str]:
    found = [row["sentence"] for row in store_drift if row["is_alarm"]]
    more = len(found) - _MOST
    rest = [f"{more:,} more; all are in runs.store_drift"] if more > 0 else []
    return found[:_MOST] + rest
