"""The tables of the warehouse: where each lives, how it is sorted and summed."""

import dataclasses

import pyarrow as pa

from schemas import (
    cashier_days,
    demand,
    photo_ages,
    purchase_ages,
    rejections,
    restricted_sales,
)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Table:
    """One published table.

    Attributes:
      folder: Path below the warehouse, above `date=…`; also the table's name.
      schema: Columns without the partition column `date`.
      sort_by: Columns that order the rows; together they identify one, unless
        `sum_by_key` is set.
      sum_by_key: Rows with equal values in `sort_by` are partial sums and are
        added up before they are written.
    """

    folder: str
    schema: pa.Schema
    sort_by: tuple[str, ...]
    sum_by_key: bool = False


PHOTO_AGES = Table(
    folder="scores/photo_ages",
    schema=photo_ages.SCHEMA,
    sort_by=("store_id", "register_id", "captured_at_utc", "photo"),
)
PURCHASE_AGES = Table(
    folder="marketing/purchase_ages",
    schema=purchase_ages.SCHEMA,
    sort_by=("store_id", "basket_id", "line_number"),
)
DEMAND_BY_PRODUCT = Table(
    folder="marketing/demand_by_product",
    schema=demand.BY_PRODUCT_SCHEMA,
    sort_by=(
        "store_id",
        "category",
        "product_id",
        "product_name",
        "age_restricted",
        "age_band_order",
        "age_band",
        "currency",
    ),
    sum_by_key=True,
)
DEMAND_BY_CATEGORY = Table(
    folder="marketing/demand_by_category",
    schema=demand.BY_CATEGORY_SCHEMA,
    sort_by=(
        "store_id",
        "category",
        "age_restricted",
        "age_band_order",
        "age_band",
        "currency",
    ),
    sum_by_key=True,
)
DEMAND_TOTAL = Table(
    folder="marketing/demand_total",
    schema=demand.TOTAL_SCHEMA,
    sort_by=("store_id", "age_band_order", "age_band", "currency"),
    sum_by_key=True,
)
RESTRICTED_SALES = Table(
    folder="audit/restricted_sales",
    schema=restricted_sales.SCHEMA,
    sort_by=("store_id", "sale_id"),
)
CASHIER_DAYS = Table(
    folder="audit/cashier_days",
    schema=cashier_days.SCHEMA,
    sort_by=("store_id", "cashier_id", "register_group", "hour_band"),
    sum_by_key=True,
)
REJECTIONS = Table(
    folder="rejections",
    schema=rejections.SCHEMA,
    sort_by=("stage", "source", "reason"),
)

PUBLISHED = (
    PHOTO_AGES,
    PURCHASE_AGES,
    DEMAND_BY_PRODUCT,
    DEMAND_BY_CATEGORY,
    DEMAND_TOTAL,
    RESTRICTED_SALES,
    CASHIER_DAYS,
    REJECTIONS,
)
"""What a run replaces for its day; `runs` is appended to instead."""

PER_PERSON = (PHOTO_AGES, PURCHASE_AGES, RESTRICTED_SALES, REJECTIONS)
"""A row for each photo, receipt or line; what retention deletes.

The others count, and stay.
"""

RUNS_FOLDER = "runs"
