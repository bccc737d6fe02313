"""Who buys what: additive sums of sales by store, product and age band."""

import dataclasses
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipelines.domain import age_groups
from schemas import demand, tables

_RECEIPT = "receipt"
_PRODUCT = ("store_id", "product_id", "product_name", "category", "age_restricted")
_CATEGORY = ("store_id", "category", "age_restricted")
_TOTAL = ("store_id",)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """Sums of a part of a day; rows of `schemas.demand`."""

    by_product: pa.Table
    by_category: pa.Table
    total: pa.Table

    def tables(self) -> dict[str, pa.Table]:
        """Gives each by its folder."""
        return {
            tables.DEMAND_BY_PRODUCT.folder: self.by_product,
            tables.DEMAND_BY_CATEGORY.folder: self.by_category,
            tables.DEMAND_TOTAL.folder: self.total,
        }


def of_sales(
    sales: pa.Table,
    receipt: npt.NDArray[np.int64],
    age_years: npt.NDArray[np.float64],
) -> Demand:
    """Sums up sale lines.

    Args:
      sales: Sale lines, `purchases.LINES_SCHEMA`.
      receipt: Receipt of each line.
      age_years: Buyer's age of each line; NaN: unknown.

    Returns:
      Sums, one row a key; the writer sorts them.
    """
    orders = age_groups.FIVE_YEAR_BANDS.orders(age_years)
    lines = pa.table(
        {
            **{name: sales[name] for name in (*_PRODUCT, "currency")},
            "age_band_order": orders,
            _RECEIPT: receipt,
            "lines": np.ones(sales.num_rows, np.int64),
            "spend": sales["amount"],
        }
    )
    # From finer to coarser: each step has fewer rows than the one before.
    by_product = _sum(lines, (*_PRODUCT, _RECEIPT))
    by_category = _sum(by_product, (*_CATEGORY, _RECEIPT))
    total = _sum(by_category, (*_TOTAL, _RECEIPT))
    return Demand(
        by_product=_finish(by_product, _PRODUCT, demand.BY_PRODUCT_SCHEMA),
        by_category=_finish(by_category, _CATEGORY, demand.BY_CATEGORY_SCHEMA),
        total=_finish(total, _TOTAL, demand.TOTAL_SCHEMA),
    )


def _sum(rows: pa.Table, keys: Sequence[str]) -> pa.Table:
    """Adds up lines and spend by `keys`, age band and currency."""
    keys = [*keys, "age_band_order", "currency"]
    measures = [
        name for name in ("baskets", "lines", "spend") if name in rows.schema.names
    ]
    summed = rows.group_by(keys, use_threads=False).aggregate(
        [(name, "sum") for name in measures]
    )
    return summed.rename_columns([*keys, *measures])


def _finish(rows: pa.Table, keys: Sequence[str], schema: pa.Schema) -> pa.Table:
    """Counts receipts as baskets, and names the age bands."""
    one_each = rows.append_column("baskets", pa.array(np.ones(rows.num_rows, np.int64)))
    summed = _sum(one_each, keys)
    orders = np.asarray(summed["age_band_order"].combine_chunks())
    bands = age_groups.FIVE_YEAR_BANDS.names(orders)
    named = summed.append_column("age_band", bands)
    return named.select(schema.names).cast(schema)
