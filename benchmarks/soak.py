"""Many trading days in a row through the nightly job, some of them disturbed.

python -m benchmarks.soak --days 30 --json soak.json

Three stores of 50 receipts a day are rendered, scored by `tillage score` in a process
of its own, and published into one warehouse; `tillage report` then covers all days.
Disturbances come on the days of `_DISTURBANCES`. After each day: the largest memory
and number of open file handles of all the job's processes at once, files left in its
TMPDIR, files of the warehouse that no published day owns, and its size. The last lines
say what grew, and what differs from the truth of the rendered days.

Exit code: 0 if all is as it must be, 1 if not.
"""

import argparse
import dataclasses
import datetime
import json
import math
import pathlib
import secrets
import sys
import tempfile
from collections.abc import Sequence
from typing import Any

import pandas as pd

from benchmarks import (
    flags,
    soak_days,
    soak_nights,
    soak_truth,
    trends,
    warehouse_files,
)
from pipelines.sample import settings

_FIRST_DAY = datetime.date(2026, 10, 1)
_STORES, _RECEIPTS, _STUDENT_SHARE = 3, 50, 0.6
_DISTURBANCES = {
    2: soak_nights.LATE,
    3: soak_nights.RERUN,
    4: soak_days.CLOCK_OFF,
    5: soak_nights.BROKEN,
    6: soak_days.MISSING_STORE,
    7: soak_days.NO_ALCOHOL,
    8: soak_nights.EMPTY,
    20: soak_days.UPSIDE_DOWN,
    25: soak_nights.RERUN,
}
"""By the number of the day, from 1."""
_RERUN_DAYS_BACK = 2
_RESTARTED = "starting the workers again"
# The planted cashier of 50 receipts a day has too few sales in fewer days.
_LEAST_DAYS_FOR_CASHIERS = 27
_TOLERATED_GROWTH = {"peak_mib": 0.05, "handles": 0.02, "temporary": 0.0}
"""Of what may grow with chance alone: share of its mean, over all days."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class _Bench:
    job: soak_nights.Job
    tills: soak_days.Tills
    sampled: dict[datetime.date, soak_days.Sampled]
    faults: list[str]

    def night(self, number: int) -> dict[str, Any]:
        """Renders a day, runs its night, and gives its row of the table."""
        day = _day(number)
        happens = _DISTURBANCES.get(number, "")
        if happens != soak_nights.EMPTY:
            self.sampled[day] = self.tills.render(day, happens)
        night = soak_nights.Night(self.job, day)
        night.run(happens, _day(number - _RERUN_DAYS_BACK))
        left = warehouse_files.unowned(self.job.warehouse)
        temporary = sorted(path.name for path in self.job.temporary.rglob("*"))
        faults = night.faults + [f"left behind: {dict(left)}"] * bool(left)
        faults += [f"left in TMPDIR: {temporary}"] * bool(temporary)
        if not night.faults:
            faults += self._differences(day, happens)
        self.faults.extend(f"day {number}, {happens or 'plain'}: {f}" for f in faults)
        return {
            "day": number,
            "happens": happens,
            "codes": " ".join(str(run.exit_code) for run in night.runs),
            "restarts": sum(run.output.count(_RESTARTED) for run in night.runs),
            "seconds": round(night.runs[0].wall_seconds, 1),
            "peak_mib": round(max(run.peak_mib for run in night.runs)),
            "handles": max(run.peak_handles for run in night.runs),
            "temporary": len(temporary),
            "unowned": left.total(),
            "kib": warehouse_files.num_bytes(self.job.warehouse) // 1024,
            "faults": len(faults),
            "says": night.runs[-1].output.strip().splitlines()[-1]
            if happens == soak_nights.EMPTY
            else "",
        }

    def _differences(self, day: datetime.date, happens: str) -> list[str]:
        if day not in self.sampled:
            return []
        warehouse = self.job.warehouse
        faults = soak_truth.day_faults(warehouse, day, self.sampled[day])
        if happens == soak_days.CLOCK_OFF:
            faults += soak_truth.clock_faults(warehouse, day)
        is_turned = happens == soak_days.UPSIDE_DOWN
        return faults + soak_truth.camera_faults(warehouse, day, is_turned)

    def report(self, num_days: int, output: pathlib.Path) -> None:
        """Writes the report of all days and compares it with the truth."""
        ended = self.job.report(_FIRST_DAY, _day(num_days), output)
        if ended.exit_code:
            self.faults.append(f"the report: {ended.output}")
            return
        happened = {
            happens: _day(number)
            for number, happens in _DISTURBANCES.items()
            if number <= num_days
        }
        days = [_day(number) for number in range(1, num_days + 1)]
        truth = soak_truth.ReportTruth(
            days=self.sampled,
            happened=happened,
            missing=tuple(day for day in days if day not in self.sampled),
            planted_cashier=self.tills.planted_cashier,
            secret=self.job.key.read_bytes(),
        )
        self.faults.extend(truth.quality_faults(output, self.job.warehouse))
        self.faults.extend(truth.camera_day_faults(output))
        if num_days >= _LEAST_DAYS_FOR_CASHIERS:
            self.faults.extend(truth.cashier_faults(output))


def main(argv: Sequence[str]) -> int:
    """Runs all nights and prints a row for each."""
    given = _parser().parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="soak-") as temporary:
        folder = given.folder or pathlib.Path(temporary)
        bench = _open(folder)
        rows = []
        for number in range(1, given.days + 1):
            rows.append(bench.night(number))
            print(rows[-1], file=sys.stderr, flush=True)
        bench.report(given.days, folder / "report")
    found, verdict = _trends(rows)
    bench.faults.extend(verdict)
    print(pd.DataFrame(rows).to_string(index=False))
    print(pd.DataFrame(found).to_string(index=False))
    print("\n".join(bench.faults) or "all as it must be")
    if given.json:
        figures = {"days": rows, "trends": found, "faults": bench.faults}
        given.json.write_text(json.dumps(figures, indent=1) + "\n")
    return 1 if bench.faults else 0


def _parser() -> argparse.ArgumentParser:
    parser = flags.parser(__doc__)
    parser.add_argument("--days", type=int, default=30, help="(default: %(default)s)")
    return parser


def _open(folder: pathlib.Path) -> _Bench:
    """Makes the folders, which must not be there yet."""
    (folder / "tmp").mkdir(parents=True)
    (folder / "key").write_text(secrets.token_hex(32))
    tills = soak_days.Tills(
        settings.SampleSettings(
            output=str(folder / "tills"),
            first_day=_FIRST_DAY,
            num_stores=_STORES,
            transactions_per_store=_RECEIPTS,
            student_share=_STUDENT_SHARE,
        )
    )
    job = soak_nights.Job(
        tills=tills.root,
        warehouse=folder / "warehouse",
        temporary=folder / "tmp",
        key=folder / "key",
    )
    return _Bench(job=job, tills=tills, sampled={}, faults=[])


def _day(number: int) -> datetime.date:
    return _FIRST_DAY + datetime.timedelta(days=number - 1)


def _trends(
    rows: Sequence[dict[str, Any]],
) -> tuple[list[dict[str, object]], list[str]]:
    """Fits a line through each figure of the days on which something was published.

    Returns:
      A row a figure, and what grew, one line each.
    """
    full = [row for row in rows if row["happens"] != soak_nights.EMPTY]
    found: list[dict[str, object]] = []
    for name, tolerated in _TOLERATED_GROWTH.items():
        trend = trends.of([row["day"] for row in full], [row[name] for row in full])
        is_flat = trend.is_flat(tolerated)
        found.append(
            {"figure": name}
            | {
                part: None if math.isnan(value) else round(value, 3)
                for part, value in dataclasses.asdict(trend).items()
            }
            | {"is_flat": is_flat}
        )
    return found, [f"{row['figure']} grows" for row in found if not row["is_flat"]]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
