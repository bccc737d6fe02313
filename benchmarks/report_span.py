"""What a report over many days costs.

`python -m benchmarks.report_span --stores 50 --days 90`: writes made-up tables of that
many days, and reports on them.
"""

import argparse
import datetime
import pathlib
import sys
import tempfile
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks import processes, simulated_cameras
from pipelines.domain import age_groups, ages
from pipelines.inference import bundle as bundles
from schemas import demand, fields, restricted_sales, runs, tables

_CATEGORIES = 25
_BASKETS_A_STORE = 2_500
_RESTRICTED_A_STORE = 150
_CASHIERS = 20
_BANDS = age_groups.FIVE_YEAR_BANDS
_NUM_BANDS = len(_BANDS.bounds_years) + 1
_FIRST = simulated_cameras.FIRST_DAY


def main(argv: Sequence[str]) -> int:
    """Writes, reports, and prints seconds and memory.

    Returns:
      Exit code of the report.
    """
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("--stores", type=int, default=50)
    parser.add_argument("--days", type=int, default=90)
    given = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="report-span-") as temporary:
        root = pathlib.Path(temporary)
        _write_days(root / "warehouse", given.stores, given.days)
        last = _FIRST + datetime.timedelta(days=given.days - 1)
        reported = processes.measure(
            [
                *(sys.executable, "-m", "pipelines.cli", "report"),
                *(f"--warehouse={root}/warehouse", f"--output={root}/report"),
                *(f"--from={_FIRST}", f"--to={last}"),
            ]
        )
    print(reported.output)
    print(f"whole command {reported.wall_seconds:.1f} s, {reported.peak_mib:.0f} MiB")
    return reported.exit_code


def _write_days(root: pathlib.Path, num_stores: int, num_days: int) -> None:
    rng = np.random.default_rng(1)
    model = bundles.load(bundles.default_folder()).sha256
    names = [f"{number:04d}" for number in range(num_stores)]
    cameras = [
        simulated_cameras.Store(name, _BASKETS_A_STORE, own)
        for name, own in zip(names, rng.spawn(num_stores), strict=True)
    ]
    for number in range(num_days):
        date = _FIRST + datetime.timedelta(days=number)
        health = [one.health(date, simulated_cameras.Change(), 0) for one in cameras]
        for name, rows in (
            (tables.DEMAND_BY_CATEGORY.folder, _demand(rng, names, _CATEGORIES)),
            (tables.DEMAND_TOTAL.folder, _demand(rng, names, 0)),
            (tables.RESTRICTED_SALES.folder, _sales(rng, names)),
            (tables.RUNS_FOLDER, _run(date, health, model)),
        ):
            folder = root / name / f"date={date}"
            folder.mkdir(parents=True)
            pq.write_table(rows, folder / "part.parquet", compression="zstd")


def _demand(
    rng: np.random.Generator, stores: Sequence[str], num_categories: int
) -> pa.Table:
    """Makes one row a store, band and category; 0: a store and band."""
    parts = max(num_categories, 1)
    shape = (len(stores), _NUM_BANDS, parts)
    store, band, category = (index.ravel() for index in np.indices(shape))
    mean = _BASKETS_A_STORE / _NUM_BANDS * (0.2 if num_categories else 1.0)
    baskets = rng.poisson(mean, store.size)
    columns = {
        "store_id": np.array(stores)[store],
        "category": np.char.add("category ", category.astype(str)),
        "age_band": _BANDS.names(band.astype(np.int8)),
        "age_band_order": band,
        "currency": ["EUR"] * store.size,
        "baskets": baskets,
        "lines": 2 * baskets,
        "spend": pa.array((3 * baskets).astype(np.int32)),
        "age_restricted": category == 0,
    }
    return _table(
        columns, demand.BY_CATEGORY_SCHEMA if num_categories else demand.TOTAL_SCHEMA
    )


def _sales(rng: np.random.Generator, stores: Sequence[str]) -> pa.Table:
    size = len(stores) * _RESTRICTED_A_STORE
    store = np.repeat(np.arange(len(stores)), _RESTRICTED_A_STORE)
    cashier = np.char.add("cashier ", rng.integers(0, _CASHIERS, size).astype(str))
    bins = np.arange(fields.NUM_AGES)
    mean = rng.gamma(6.0, 7.0, size)[:, None]
    density = np.exp(-(((bins - np.clip(mean, 15, 90)) / 8.0) ** 2) / 2)
    weights = ages.to_weights(density / density.sum(axis=1, keepdims=True))
    under = ages.probability_under(weights, 25)
    is_eligible = under >= 0.5
    is_checked = rng.random(size) < 0.9
    columns = {
        "store_id": np.array(stores)[store],
        "sale_id": np.char.add("sale ", np.arange(size).astype(str)),
        "cashier_id": cashier,
        "self_checkout": np.zeros(size, bool),
        "register_group": ["attended"] * size,
        "local_hour": rng.integers(8, 22, size),
        "legal_age_years": np.full(size, 18),
        "challenge_age_years": np.full(size, 25),
        "p_under_legal_age": ages.probability_under(weights, 18),
        "p_under_challenge_age": under,
        "age_distribution": pa.array(list(weights), pa.list_(pa.uint16())),
        "id_check": np.where(is_checked, "checked", "not_checked"),
        "eligible": is_eligible,
        "review_status": np.where(
            is_eligible & ~is_checked, "needs_review", "within_rules"
        ),
    }
    return _table(columns, restricted_sales.SCHEMA)


def _run(date: datetime.date, health: list[dict[str, object]], model: str) -> pa.Table:
    started_at = datetime.datetime.combine(date, datetime.time(22), datetime.UTC)
    unseen = dict.fromkeys(("faces_several_faces", "faces_small", "faces_blurred"), 0)
    row = dict.fromkeys(runs.COUNTS, 0) | {
        "run_id": "run",
        "is_published": True,
        "started_at_utc": started_at,
        "duration_seconds": 1.0,
        "photos_per_second": 1.0,
        **dict.fromkeys(("model_name", "model_license", "code_version"), "any"),
        "model_sha256": model,
        "settings_json": '{"joining": {"eligible_probability": 0.5}}',
        "store_health": [one | unseen | {"registers": []} for one in health],
        "store_drift": None,
    }
    return pa.Table.from_pylist([row], schema=runs.SCHEMA)


def _table(columns: dict[str, object], schema: pa.Schema) -> pa.Table:
    arrays = {
        field.name: pa.array(columns[field.name]).cast(field.type) for field in schema
    }
    return pa.table(arrays, schema=schema)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
