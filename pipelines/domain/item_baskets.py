"""Baskets by product or category and age group, summed from the nightly tables."""

import dataclasses

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.domain import age_groups

_PRODUCT = ("product_id", "product_name", "category", "age_restricted")
_CATEGORY = ("category", "age_restricted")
_NUM_BANDS = len(age_groups.FIVE_YEAR_BANDS.labels) - 1

_Counts = npt.NDArray[np.int64]


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class ItemBaskets:
    """Baskets of estimated age groups, and which of them hold an item.

    Attributes:
      items: Columns level, product_id, product_name, category, age_restricted; one
        row an item, sorted by product_id or category.
      with_item: Baskets that hold it, shape `(items, groups)`, at most `of_group`.
      of_group: Baskets of each group, shape `(groups,)`.
      unknown: Baskets without an age; they count nowhere else.
    """

    items: pa.Table
    with_item: _Counts
    of_group: _Counts
    unknown: int

    @property
    def unknown_share(self) -> float:
        """Share of baskets without an age, 0 to 1; NaN without baskets."""
        total = int(self.of_group.sum()) + self.unknown
        return self.unknown / total if total else float("nan")


def summed(rows: pa.Table) -> pa.Table:
    """Adds up baskets over stores, days and currencies.

    Sums may be added to each other again, so that a long span is read day by day.

    Args:
      rows: Of a table of `schemas.demand`, or sums of them.

    Returns:
      Columns that tell the item, age_band_order and baskets.
    """
    keys = [name for name in (*_PRODUCT, "age_band_order") if name in rows.schema.names]
    grouped = rows.group_by(keys, use_threads=False)
    counted = grouped.aggregate([("baskets", "sum")])
    return counted.rename_columns([*keys, "baskets"])


def of_demand(
    rows: pa.Table, total: pa.Table, groups: age_groups.AgeGroups
) -> ItemBaskets:
    """Counts baskets by item and age group.

    A product is told by its id: it has the name and category of most of its baskets,
    and is age-restricted where any of its rows is. A category is counted apart for
    its age-restricted products, for a basket may hold both.

    Args:
      rows: Of `demand_by_product` or `demand_by_category`, or sums of them.
      total: Of `demand_total` of the same days and stores, or sums of them.
      groups: Unions of five-year bands.
    """
    rows, total = summed(rows), summed(total)
    is_product = "product_id" in rows.schema.names
    items, index = _products(rows) if is_product else _categories(rows)
    of_group = _by_group(total, np.zeros(total.num_rows, np.int64), 1, groups)[0]
    with_item = _by_group(rows, index, items.num_rows, groups)[:, :-1]
    return ItemBaskets(
        items=items,
        # A basket that names a product in two ways was counted twice.
        with_item=np.minimum(with_item, of_group[:-1]),
        of_group=of_group[:-1],
        unknown=int(of_group[-1]),
    )


def _by_group(
    rows: pa.Table, index: _Counts, size: int, groups: age_groups.AgeGroups
) -> _Counts:
    """Sums baskets, shape `(size, groups + 1)`; unknown is last."""
    lowest = np.asarray((0, *age_groups.FIVE_YEAR_BANDS.bounds_years), np.float64)
    group_of_band = groups.orders(np.append(lowest, np.nan)).astype(np.int64)
    width = len(groups.labels)
    group = group_of_band[rows["age_band_order"].to_numpy()]
    baskets = rows["baskets"].to_numpy()
    # Sums of float64 are exact below 2 ** 53.
    cells = np.bincount(index * width + group, weights=baskets, minlength=size * width)
    return cells.astype(np.int64).reshape(size, width)


def _products(rows: pa.Table) -> tuple[pa.Table, _Counts]:
    """Describes each product once, and finds the product of each row."""
    named = _PRODUCT[:-1]
    counted = rows.group_by(list(named), use_threads=False).aggregate(
        [("baskets", "sum"), ("age_restricted", "any")]
    )
    order = [("product_id", "ascending"), ("baskets_sum", "descending")]
    order += [("product_name", "ascending"), ("category", "ascending")]
    first = counted.sort_by(order).group_by("product_id", use_threads=False)
    told = first.aggregate(
        [
            ("product_name", "first"),
            ("category", "first"),
            ("age_restricted_any", "any"),
        ]
    ).rename_columns(list(_PRODUCT))
    # Groups of many keys come in no order.
    told = told.sort_by("product_id")
    index = pc.index_in(rows["product_id"], told["product_id"].combine_chunks())
    return _with_level(told, "product"), index.to_numpy().astype(np.int64)


def _categories(rows: pa.Table) -> tuple[pa.Table, _Counts]:
    """Lists categories, and finds that of each row."""
    keys = list(_CATEGORY)
    told = rows.group_by(keys, use_threads=False).aggregate([])
    told = told.sort_by([(name, "ascending") for name in keys])
    nothing = pa.nulls(told.num_rows, pa.string())
    places = told.append_column("item", pa.array(np.arange(told.num_rows)))
    index = np.zeros(rows.num_rows, np.int64)
    for place in places.to_pylist():
        index[_is_in(rows, place["category"], place["age_restricted"])] = place["item"]
    told = told.add_column(0, "product_name", nothing)
    told = told.add_column(0, "product_id", nothing)
    return _with_level(told, "category"), index


def _is_in(rows: pa.Table, category: str | None, restricted: bool) -> npt.NDArray:
    same = pc.is_in(rows["category"], pa.array([category], pa.string())).to_numpy()
    return same & (rows["age_restricted"].to_numpy() == restricted)


def _with_level(items: pa.Table, level: str) -> pa.Table:
    levels = pa.array([level] * items.num_rows, pa.string())
    return items.add_column(0, "level", levels)
