"""How often cameras alarm for nothing, and how soon after they change.

`python -m benchmarks.camera_drift --stores 50 --weeks 26 --seed 1`: steady stores give
the share of store-days with a false alarm; stores whose camera changes after
`_DAYS_BEFORE` days give the days until the first alarm of the measure that shows it.
"""

import argparse
import collections
import datetime
import sys
from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from benchmarks import simulated_cameras as simulated
from pipelines.domain import drift, drift_settings
from schemas import store_drift

_PHOTOS_A_DAY = (60, 400, 2_500)
_DAYS_BEFORE = 42
_DAYS_AFTER = 28
_CHANGES = (
    ("10 % darker", store_drift.BRIGHTNESS, simulated.Change(brightness=0.9)),
    ("20 % darker", store_drift.BRIGHTNESS, simulated.Change(brightness=0.8)),
    ("40 % darker", store_drift.BRIGHTNESS, simulated.Change(brightness=0.6)),
    (
        "1 % darker each day",
        store_drift.BRIGHTNESS,
        simulated.Change(daily_brightness=0.99),
    ),
    ("faces 10 % smaller", store_drift.FACE_SIZE, simulated.Change(face_px=0.9)),
    ("faces 30 % smaller", store_drift.FACE_SIZE, simulated.Change(face_px=0.7)),
    ("5 % of faces lost", store_drift.FACE_LOSS, simulated.Change(lost=0.05)),
    ("20 % of faces lost", store_drift.FACE_LOSS, simulated.Change(lost=0.2)),
)
"""What happens, the measure that shows it, and the change."""


def main(argv: Sequence[str]) -> int:
    """Simulates and prints two tables in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("--stores", type=int, default=50)
    parser.add_argument("--weeks", type=int, default=26, help="of the steady stores")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(argv)
    print(
        f"| photos a day | {' | '.join(('store-days', 'any', *store_drift.MEASURES))} |"
    )
    for photos in _PHOTOS_A_DAY:
        found = _judged(given.stores, photos, 7 * given.weeks, given.seed)
        print(f"| {photos:,} | {' | '.join(_false_alarms(found))} |", flush=True)
    print("| change | photos a day | first day | within 7 days | median days |")
    for name, measure, change in _CHANGES:
        for photos in _PHOTOS_A_DAY:
            num_days = _DAYS_BEFORE + _DAYS_AFTER
            found = _judged(given.stores, photos, num_days, given.seed + 1, change)
            said = _detection(found, measure, given.stores)
            print(f"| {name} | {photos:,} | {' | '.join(said)} |", flush=True)
    return 0


def _judged(
    num_stores: int,
    photos_a_day: float,
    num_days: int,
    seed: int,
    change: simulated.Change | None = None,
) -> pa.Table:
    """Simulates and judges stores; a change comes after `_DAYS_BEFORE` days.

    Returns:
      Rows of `schemas.store_drift` of the days that can be judged, or of those from
      the change on.
    """
    rngs = np.random.default_rng(seed).spawn(num_stores)
    stores = [
        simulated.Store(f"{number:04d}", photos_a_day, rng)
        for number, rng in enumerate(rngs)
    ]
    days = {}
    for number in range(num_days):
        date = simulated.FIRST_DAY + datetime.timedelta(days=number)
        since = number - _DAYS_BEFORE
        today = change if change and since >= 0 else simulated.Change()
        days[date] = [store.health(date, today, max(since, 0)) for store in stores]
    first = _DAYS_BEFORE if change else drift_settings.DriftSettings.min_days
    return drift.of_days(days, simulated.FIRST_DAY + datetime.timedelta(days=first))


def _false_alarms(judged: pa.Table) -> list[str]:
    rows = judged.select(["date", "store_id", "measure", "is_alarm"]).to_pylist()
    all_days = {(row["date"], row["store_id"]) for row in rows}
    alarms = [row for row in rows if row["is_alarm"]]
    days = {(row["date"], row["store_id"]) for row in alarms}
    by_measure = collections.Counter(row["measure"] for row in alarms)
    shares = [len(days), *(by_measure[measure] for measure in store_drift.MEASURES)]
    return [
        f"{len(all_days):,}",
        *(f"{count / len(all_days):.2%}" for count in shares),
    ]


def _detection(judged: pa.Table, measure: str, num_stores: int) -> list[str]:
    """Tells how many stores alarm at once, within a week, and their median day.

    A store that never alarms counts as later than any other.
    """
    changed_on = simulated.FIRST_DAY + datetime.timedelta(days=_DAYS_BEFORE)
    first: dict[str, int] = {}
    for row in judged.filter(judged["is_alarm"]).to_pylist():
        if row["measure"] == measure:
            days = (row["date"] - changed_on).days + 1
            first[row["store_id"]] = min(days, first.get(row["store_id"], days))
    waits = sorted(first.values()) + [_DAYS_AFTER + 1] * (num_stores - len(first))
    median = waits[(num_stores - 1) // 2]
    return [
        f"{sum(days == 1 for days in waits) / num_stores:.0%}",
        f"{sum(days <= 7 for days in waits) / num_stores:.0%}",
        f"{median}" if median <= _DAYS_AFTER else f"more than {_DAYS_AFTER}",
    ]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
