"""What became of the photos, and restricted sales by hour: plain sums over a span."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.domain import age_groups, clocks
from schemas import data_quality, restricted_sales_by_hour, runs

_HEALTH = (
    "photos",
    *(f"faces_{status}" for status in ("ok", *data_quality.LOST)),
    "matched",
    "unmatched",
    "ambiguous",
)
_UNTIMED = (clocks.INCONSISTENT, clocks.TOO_LARGE)
_UNKNOWN = len(age_groups.FIVE_YEAR_BANDS.labels) - 1
_HOUR = ("store_id", "local_hour", "register_group")


def of_runs(
    recorded: pa.Table, store_baskets: pa.Table, days_published: int, days_missing: int
) -> pa.Table:
    """Sums up the photos of each store.

    Args:
      recorded: `date` and columns of `schemas.runs`, one row a day.
      store_baskets: Columns store_id, age_band_order, baskets.
      days_published: Of the span.
      days_missing: Of the span.

    Returns:
      Rows of `schemas.data_quality`: all stores, then each store that has photos or
      baskets, sorted.
    """
    photos = _photos_by_store(recorded)
    baskets = _baskets_by_store(store_baskets)
    nothing = dict.fromkeys((*_HEALTH, "days_with_photos", "registers_untimed"), 0)
    no_baskets = {"baskets": 0, "baskets_with_age": 0}
    stores = [
        {
            "scope": data_quality.STORE,
            "store_id": store,
            **photos.get(store, nothing),
            **baskets.get(store, no_baskets),
        }
        for store in sorted({*photos, *baskets})
    ]
    rows = [_all_stores(stores, recorded), *stores]
    for row in rows:
        row |= {"days_published": days_published, "days_missing": days_missing}
        row["days_recorded"] = recorded.num_rows
        row |= _shares(row)
    return pa.Table.from_pylist(rows, schema=data_quality.SCHEMA)


def by_hour(sales: pa.Table) -> pa.Table:
    """Counts restricted sales by store, local hour and register group.

    Args:
      sales: Rows of `schemas.restricted_sales`; only those of its columns that are
        counted need be there.

    Returns:
      Rows of `schemas.restricted_sales_by_hour`, sorted; hours without a sale have
      none.
    """
    has_age = sales["p_under_challenge_age"].is_valid()
    is_young = pc.and_(has_age, sales["eligible"])
    is_eligible = pc.and_(is_young, sales["id_check"].is_valid())
    counted = {
        "restricted_sales": np.ones(sales.num_rows, np.int64),
        "aged_sales": has_age,
        "young_sales": is_young,
        "eligible_sales": is_eligible,
        "unchecked_sales": pc.and_(
            is_eligible, pc.equal(sales["review_status"], "needs_review")
        ),
    }
    keys = {name: sales[name] for name in _HOUR}
    summed = pa.table({**keys, **counted}).group_by(list(_HOUR), use_threads=False)
    counts = summed.aggregate([(name, "sum") for name in counted])
    counts = counts.rename_columns([*_HOUR, *counted])
    counts = counts.sort_by([(name, "ascending") for name in _HOUR])
    rates = {
        "young_rate": _ratio(counts["young_sales"], counts["aged_sales"]),
        "unchecked_rate": _ratio(counts["unchecked_sales"], counts["eligible_sales"]),
    }
    schema = restricted_sales_by_hour.SCHEMA
    columns = {
        name: rates[name]
        if name in rates
        else counts[name].cast(schema.field(name).type)
        for name in schema.names
    }
    return pa.table(columns, schema=schema)


def _photos_by_store(recorded: pa.Table) -> dict[str, dict[str, int]]:
    health = pa.Table.from_arrays(
        pc.list_flatten(recorded["store_health"]).combine_chunks().flatten(),
        names=[field.name for field in runs.STORE_HEALTH],
    )
    health = health.append_column(
        "days_with_photos", pc.greater(health["photos"], 0).cast(pa.int64())
    )
    names = [*_HEALTH, "days_with_photos"]
    grouped = health.group_by("store_id", use_threads=False)
    summed = grouped.aggregate([(name, "sum") for name in names])
    untimed = _untimed_registers(health)
    return {
        store: {
            **{name: row[f"{name}_sum"] for name in names},
            "registers_untimed": untimed.get(store, 0),
        }
        for row in summed.to_pylist()
        for store in (row["store_id"],)
    }


def _untimed_registers(health: pa.Table) -> dict[str, int]:
    """Counts the registers of each store that were refused a join by time."""
    found: dict[str, set[str]] = {}
    for row in health.select(["store_id", "registers"]).to_pylist():
        found.setdefault(row["store_id"], set()).update(
            register["register_id"]
            for register in row["registers"]
            if register["clock_status"] in _UNTIMED
        )
    return {store: len(registers) for store, registers in found.items()}


def _baskets_by_store(store_baskets: pa.Table) -> dict[str, dict[str, int]]:
    is_known = pc.less(store_baskets["age_band_order"], _UNKNOWN)
    baskets = store_baskets["baskets"]
    counted = pa.table(
        {
            "store_id": store_baskets["store_id"],
            "baskets": baskets,
            "baskets_with_age": pc.if_else(is_known, baskets, 0),
        }
    )
    names = ("baskets", "baskets_with_age")
    grouped = counted.group_by("store_id", use_threads=False)
    summed = grouped.aggregate([(name, "sum") for name in names])
    return {
        row["store_id"]: {name: row[f"{name}_sum"] for name in names}
        for row in summed.to_pylist()
    }


def _all_stores(stores: list[dict[str, Any]], recorded: pa.Table) -> dict[str, Any]:
    names = [*_HEALTH, "registers_untimed", "baskets", "baskets_with_age"]
    with_photos = [
        any(store["photos"] for store in day)
        for day in recorded["store_health"].to_pylist()
    ]
    transactions = {
        name: pc.sum(recorded[name]).as_py() or 0
        for name in ("transactions", "transactions_mixed_people")
    }
    matched = pc.sum(recorded["transactions_matched"]).as_py() or 0
    mixed = transactions["transactions_mixed_people"]
    return {
        "scope": data_quality.ALL_STORES,
        **{name: sum(store[name] for store in stores) for name in names},
        "days_with_photos": sum(with_photos),
        **transactions,
        "mixed_people": _share(mixed, matched + mixed),
    }


def _shares(row: dict[str, Any]) -> dict[str, Any]:
    usable = row["faces_ok"]
    return {
        "days_without_photos": row["days_recorded"] - row["days_with_photos"],
        "face_loss": _share(row["photos"] - usable, row["photos"]),
        "match_rate": _share(row["matched"], usable),
        "age_known": _share(row["baskets_with_age"], row["baskets"]),
    }


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _ratio(part: pa.ChunkedArray, whole: pa.ChunkedArray) -> pa.Array:
    above, below = (np.asarray(column, np.float64) for column in (part, whole))
    quotient: npt.NDArray[np.float64] = above / np.where(below > 0, below, np.nan)
    return pa.array(quotient, from_pandas=True)
