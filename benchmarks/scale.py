"""How time and memory grow with photos and purchase lines.

python -m benchmarks.scale --json scale.json

Days of links to the same rendered photos. `photos`: 1 k, 10 k and 100 k of them with
500 k lines, less the time of a day with 20 photos; of days of up to 1 k the median of
three. `lines`: 100 k, 1 M and 5 M of them with photos that are scored already, so that
what is left is to join and to write tables, beside DuckDB doing so in SQL. `shapes`:
1 M lines on 200 registers, on 10,000, and with half of all receipts in one store.
Start-up is the time of a day of 20 photos and 100 lines.
"""

import argparse
import dataclasses
import json
import pathlib
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Sequence

import pandas as pd
import pyarrow.parquet as pq

from benchmarks import flags, large_days, peer_photos, processes

_POOL = 1000
# Start-up differs by a second from run to run, as long as 250 photos take.
_FEW = 1000
_TABLES = {
    "purchase_ages": "marketing/purchase_ages",
    "demand_by_product": "marketing/demand_by_product",
    "demand_by_category": "marketing/demand_by_category",
    "demand_total": "marketing/demand_total",
    "restricted_sales": "audit/restricted_sales",
    "cashier_days": "audit/cashier_days",
}
_PHOTOS = tuple(
    large_days.Size(photos=photos, lines=500_000)
    for photos in (20, 1_000, 10_000, 100_000)
)
_LINES = (
    large_days.Size(photos=10_000, lines=100_000),
    large_days.Size(photos=100_000, lines=1_000_000),
    large_days.Size(photos=10_000, lines=5_000_000),
)
_SHAPES = {
    "even": large_days.Size(photos=10_000, lines=1_000_000),
    "10,000 registers": large_days.Size(
        photos=10_000, lines=1_000_000, stores=1000, registers=10
    ),
    "half in one store": large_days.Size(photos=10_000, lines=1_000_000, skew=0.5),
}
_SMALLEST = large_days.Size(photos=20, lines=100, stores=1, registers=1)


@dataclasses.dataclass(frozen=True, kw_only=True)
class _Bench:
    folder: pathlib.Path
    pool: Sequence[pathlib.Path]
    key: pathlib.Path

    def day(self, size: large_days.Size) -> tuple[pathlib.Path, pathlib.Path]:
        """Writes a day; gives its input root and a place for a warehouse."""
        root = self.folder / "day"
        peer_photos.clear(root)
        large_days.make(root, size, self.pool)
        warehouse = self.folder / "warehouse"
        peer_photos.clear(warehouse)
        return root, warehouse

    def score(self, root: pathlib.Path, warehouse: pathlib.Path) -> processes.Measured:
        """Runs the nightly job.

        Raises:
          RuntimeError: it failed.
        """
        command = [sys.executable, "-m", "pipelines.cli", "score", f"--input={root}"]
        command += [f"--date={large_days.DATE}", f"--output={warehouse}"]
        found = processes.measure([*command, f"--pseudonym-key-file={self.key}"])
        if found.exit_code:
            raise RuntimeError(found.output)
        return found

    def duckdb(self, root: pathlib.Path, warehouse: pathlib.Path) -> dict[str, object]:
        """Does the same join in SQL."""
        output = self.folder / "duckdb"
        peer_photos.clear(output)
        command = [sys.executable, "-m", "benchmarks.duckdb_day", f"--input={root}"]
        command += [f"--warehouse={warehouse}", f"--output={output}"]
        found = subprocess.run(command, capture_output=True, text=True, check=True)
        figures: dict[str, object] = json.loads(found.stdout)
        return figures


def main(argv: Sequence[str]) -> int:
    """Measures and prints."""
    given = _parser().parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="scale-") as temporary:
        folder = given.folder or pathlib.Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        bench = _Bench(folder=folder, pool=_pool(folder), key=folder / "key")
        bench.key.write_text(secrets.token_hex(32))
        start_up = min(
            bench.score(*bench.day(_SMALLEST)).wall_seconds for _ in range(3)
        )
        figures = {"start_up_seconds": round(start_up, 1)} | {
            part: measure(bench, start_up)
            for part, measure in _PARTS.items()
            if part in given.parts
        }
    for part in given.parts:
        print(f"\n{part}")
        print(pd.DataFrame(figures[part]).to_string(index=False))
    print(f"start-up {figures['start_up_seconds']} s")
    if given.json:
        given.json.write_text(json.dumps(figures, indent=1) + "\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = flags.parser(__doc__)
    parser.add_argument(
        "--parts", nargs="+", choices=tuple(_PARTS), default=list(_PARTS)
    )
    return parser


def _pool(folder: pathlib.Path) -> list[pathlib.Path]:
    root = folder / "pool"
    peer_photos.render(root, _POOL)
    return sorted((root / "photos").rglob("*.jpg"))[:_POOL]


def _photos(bench: _Bench, _: float) -> list[dict[str, object]]:
    fewest, *others = [(size, _scored(bench, size)) for size in _PHOTOS]
    return [
        _row(size, found)
        | {
            "ms_a_photo": round(
                1000
                * (found.wall_seconds - fewest[1].wall_seconds)
                / (size.photos - fewest[0].photos),
                2,
            )
        }
        for size, found in others
    ]


def _scored(bench: _Bench, size: large_days.Size) -> processes.Measured:
    """Scores a day, a small one three times, and gives the run of median wall time."""
    num_runs = 3 if size.photos <= _FEW else 1
    found = [bench.score(*bench.day(size)) for _ in range(num_runs)]
    return sorted(found, key=lambda run: run.wall_seconds)[num_runs // 2]


def _lines(bench: _Bench, start_up: float) -> list[dict[str, object]]:
    rows = []
    for size in _LINES:
        root, warehouse = bench.day(size)
        bench.score(root, warehouse)
        found = bench.score(root, warehouse)
        other = bench.duckdb(root, warehouse)
        seconds = found.wall_seconds - start_up
        ours = {name: _num_rows(warehouse / path) for name, path in _TABLES.items()}
        rows.append(
            _row(size, found)
            | {
                "seconds": round(seconds, 2),
                "duckdb_seconds": round(float(str(other["seconds"])), 2),
                "times_duckdb": round(seconds / float(str(other["seconds"])), 1),
                "same_row_counts": ours == other["rows"],
            }
        )
        if ours != other["rows"]:
            print(f"rows differ: {ours} against {other['rows']}", file=sys.stderr)
    return rows


def _shapes(bench: _Bench, start_up: float) -> list[dict[str, object]]:
    rows = []
    for name, size in _SHAPES.items():
        root, warehouse = bench.day(size)
        scored = bench.score(root, warehouse)
        joined = bench.score(root, warehouse)
        rows.append(
            {"shape": name}
            | _row(size, scored)
            | {
                "whole_seconds": round(scored.wall_seconds - start_up, 1),
                "join_seconds": round(joined.wall_seconds - start_up, 1),
            }
        )
    return rows


_PARTS = {"photos": _photos, "lines": _lines, "shapes": _shapes}


def _row(size: large_days.Size, found: processes.Measured) -> dict[str, object]:
    return {
        "photos": size.photos,
        "lines": size.lines,
        "wall_seconds": round(found.wall_seconds, 1),
        "peak_mib": round(found.peak_mib),
    }


def _num_rows(table: pathlib.Path) -> int:
    return sum(pq.read_metadata(path).num_rows for path in table.rglob("*.parquet"))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
