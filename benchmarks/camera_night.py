"""What it costs a night to judge its cameras.

`python -m benchmarks.camera_night --stores 50 --days 56`: writes that many rows of
`runs`, and judges the day after them five times.
"""

import argparse
import datetime
import pathlib
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks import simulated_cameras as simulated
from pipelines.publishing import cameras, warehouse
from schemas import runs

_MODEL = "ab" * 32
_PHOTOS_A_DAY = 400
_REGISTERS = 8


def main(argv: Sequence[str]) -> int:
    """Writes, judges, and prints seconds."""
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("--stores", type=int, default=50)
    parser.add_argument("--days", type=int, default=56)
    given = parser.parse_args(argv)
    rngs = np.random.default_rng(1).spawn(given.stores)
    stores = [
        simulated.Store(f"{number:04d}", _PHOTOS_A_DAY, rng)
        for number, rng in enumerate(rngs)
    ]
    with tempfile.TemporaryDirectory() as root:
        for number in range(given.days):
            day = warehouse.day(root, _date(number))
            _write(day, _health(stores, day.date))
        today = warehouse.day(root, _date(given.days))
        store_health = _health(stores, today.date)
        for _ in range(5):
            print(_timed(today, store_health), flush=True)
    return 0


def _date(number: int) -> datetime.date:
    return simulated.FIRST_DAY + datetime.timedelta(days=number)


def _health(
    stores: Sequence[simulated.Store], date: datetime.date
) -> list[dict[str, object]]:
    registers = [
        {"register_id": f"R{number:02d}", "clock_status": "no_samples"}
        for number in range(_REGISTERS)
    ]
    unseen = dict.fromkeys(("faces_several_faces", "faces_small", "faces_blurred"), 0)
    return [
        store.health(date, simulated.Change(), 0) | unseen | {"registers": registers}
        for store in stores
    ]


def _write(day: warehouse.Day, store_health: list[dict[str, object]]) -> None:
    started_at = datetime.datetime.combine(day.date, datetime.time(), datetime.UTC)
    row = dict.fromkeys(runs.COUNTS, 0) | {
        "run_id": "run",
        "is_published": True,
        "started_at_utc": started_at,
        "duration_seconds": 1.0,
        "photos_per_second": 1.0,
        **dict.fromkeys(("model_name", "model_license", "code_version"), "any"),
        "model_sha256": _MODEL,
        "settings_json": "{}",
        "store_health": store_health,
        "store_drift": cameras.store_drift(day, store_health, _MODEL),
    }
    folder = pathlib.Path(day.runs_path)
    folder.mkdir(parents=True)
    rows = pa.Table.from_pylist([row], schema=runs.SCHEMA)
    pq.write_table(rows, folder / "run.parquet", compression="zstd")


def _timed(day: warehouse.Day, store_health: Sequence[Mapping[str, object]]) -> str:
    wall, processor = time.perf_counter(), time.process_time()
    judged = cameras.store_drift(day, store_health, _MODEL)
    return (
        f"{len(judged)} rows: {time.perf_counter() - wall:.2f} s, of which processor "
        f"{time.process_time() - processor:.2f} s"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
