"""A day of real faces and real supermarket lines, scored and held against truth.

python -m benchmarks.real_day --faces aaf.tar --labels labels.csv \
        --purchase-lines lines.parquet --json real_day.json
"""

import argparse
import json
import pathlib
import secrets
import sys
import tempfile
from collections.abc import Sequence

import numpy as np
import pandas as pd

from benchmarks import processes

_DATE = "2026-11-21"


def main(argv: Sequence[str]) -> int:
    """Renders a day, scores it, and prints figures.

    Returns:
      Exit code: that of the first command that fails, else 0.
    """
    flags = _parser().parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="real-day-") as temporary:
        folder = flags.folder or pathlib.Path(temporary)
        key = folder / "key"
        folder.mkdir(parents=True, exist_ok=True)
        key.write_text(secrets.token_hex(32))
        rendered = processes.measure(_render(flags, folder))
        scored = rendered
        if not rendered.exit_code:
            scored = processes.measure(_score(flags, folder, key))
        if scored.exit_code:
            print(scored.output, file=sys.stderr)
            return scored.exit_code
        figures = _figures(folder, scored)
    print(scored.output)
    print(json.dumps(figures, indent=1))
    if flags.json:
        flags.json.write_text(json.dumps(figures, indent=1) + "\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("--faces", action="append", required=True)
    parser.add_argument("--labels", required=True)
    parser.add_argument("--purchase-lines")
    parser.add_argument("--stores", type=int, default=4)
    parser.add_argument("--transactions-per-store", type=int, default=1500)
    parser.add_argument("--bundle")
    parser.add_argument("--engine", default="openvino")
    parser.add_argument("--folder", type=pathlib.Path, help="keep the files there")
    parser.add_argument("--json", type=pathlib.Path, help="write the figures there")
    return parser


def _render(flags: argparse.Namespace, folder: pathlib.Path) -> list[str]:
    command = [*_TILLAGE, "sample-day", f"--output={folder}/tills", f"--date={_DATE}"]
    command += [f"--faces={faces}" for faces in flags.faces]
    command += [f"--labels={flags.labels}", f"--stores={flags.stores}"]
    command += [f"--transactions-per-store={flags.transactions_per_store}"]
    if flags.purchase_lines:
        command += [f"--purchase-lines={flags.purchase_lines}"]
    return command


def _score(
    flags: argparse.Namespace, folder: pathlib.Path, key: pathlib.Path
) -> list[str]:
    command = [*_TILLAGE, "score", f"--input={folder}/tills", f"--date={_DATE}"]
    command += [f"--output={folder}/warehouse", f"--pseudonym-key-file={key}"]
    command += [f"--engine={flags.engine}"]
    return [*command, f"--bundle={flags.bundle}"] if flags.bundle else command


_TILLAGE = [sys.executable, "-m", "pipelines.cli"]


def _figures(folder: pathlib.Path, scored: processes.Measured) -> dict[str, object]:
    warehouse = folder / "warehouse"
    photos = pd.read_parquet(warehouse / "scores" / "photo_ages")
    truth_folder = folder / "tills" / "truth" / f"date={_DATE}"
    truth = pd.read_parquet(truth_folder / "photos.parquet")
    run = pd.read_parquet(warehouse / "runs").iloc[-1]
    both = photos.merge(truth, on="photo", suffixes=("", "_true"))
    shopper = both[both["kind"] == "shopper"]
    error = shopper["age_years"] - shopper["true_age_years"]
    matched = both.dropna(subset=["transaction_id"])
    inside = shopper["true_age_years"].between(
        shopper["age_low_years"], shopper["age_high_years"]
    )[error.notna()]
    return {
        "photos": len(photos),
        "photos_per_second": round(float(run["photos_per_second"]), 1),
        "wall_seconds": round(scored.wall_seconds, 1),
        "peak_mib_all_processes": round(scored.peak_mib),
        "faces_found_percent": _percent(shopper["face_status"] == "ok"),
        "mae_years": round(float(error.abs().mean()), 2),
        "bias_years": round(float(error.mean()), 2),
        "coverage_90_percent": _percent(inside),
        "mae_years_by_age": _by_age(shopper["true_age_years"], error),
        "right_matches_percent": _percent(
            matched["transaction_id"] == matched["transaction_id_true"]
        ),
        "matchable_matched_percent": _percent(
            both.loc[both["is_matchable"], "transaction_id"].notna()
        ),
        "rows": {table: len(pd.read_parquet(warehouse / table)) for table in _TABLES},
    }


_TABLES = (
    "scores/photo_ages",
    "marketing/purchase_ages",
    "marketing/demand_by_product",
    "marketing/demand_by_category",
    "marketing/demand_total",
    "audit/restricted_sales",
    "audit/cashier_days",
    "rejections",
)


def _percent(is_so: pd.Series) -> float:
    return round(100 * float(is_so.mean()), 2)


def _by_age(true_age: pd.Series, error: pd.Series) -> dict[str, float]:
    group = pd.cut(true_age, [0, 13, 18, 25, 45, 65, np.inf], right=False)
    means = error.abs().groupby(group, observed=True).mean()
    return {str(interval): round(float(mean), 2) for interval, mean in means.items()}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
