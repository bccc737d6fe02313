"""Supermarket lines of households whose age band is known, and what truly differs.

Baskets of one household are alike, so households, not baskets, are what is tested:
their bands are dealt anew among them, and what a group bought is held against what
chance brings about.
"""

import dataclasses
import pathlib

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import tqdm
from scipy import stats

from pipelines.domain import age_groups, contingency, demand, item_baskets
from pipelines.sample import people
from schemas import fields

BANDS_YEARS = {
    "19-24": (19, 24),
    "25-34": (25, 34),
    "35-44": (35, 44),
    "45-54": (45, 54),
    "55-64": (55, 64),
    "65+": (65, people.OLDEST),
}
"""Ages of each band, years, inclusive."""

_COLUMNS = (
    "household_id",
    "household_age_band",
    "store_id",
    "basket_id",
    "product_id",
    "product_category",
    "product_type",
    "sales_value",
)
_DEALS_AT_ONCE = 500

Floats = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class HouseholdLines:
    """Lines, baskets and households.

    Attributes:
      sales: Lines as `pipelines.domain.demand` takes them.
      basket: Of each line, `(lines,)`.
      household: Of each basket, `(baskets,)`.
      low_years: Lower bound of each household's band, `(households,)`.
      high_years: Upper bound, inclusive.
    """

    sales: pa.Table
    basket: Index
    household: Index
    low_years: Index
    high_years: Index

    def counted(
        self, basket_years: Floats, groups: age_groups.AgeGroups, level: str
    ) -> item_baskets.ItemBaskets:
        """Counts baskets through the nightly tables.

        Args:
          basket_years: Age of each basket's buyer, `(baskets,)`.
          groups: Of the report.
          level: `product` or `category`.
        """
        sums = demand.of_sales(self.sales, self.basket, basket_years[self.basket])
        rows = sums.by_product if level == "product" else sums.by_category
        return item_baskets.of_demand(rows, sums.total, groups)

    def true_group(self, groups: age_groups.AgeGroups) -> Index:
        """Finds the group of each household.

        Raises:
          ValueError: a group cuts a household's band, or holds no household.
        """
        low, high = (
            np.searchsorted(groups.bounds_years, years, side="right")
            for years in (self.low_years, self.high_years)
        )
        if (low != high).any() or len(set(low)) <= len(groups.bounds_years):
            raise ValueError(
                "groups must be unions of the households' bands "
                f"{', '.join(BANDS_YEARS)}. Received: {groups.bounds_years}"
            )
        return low


def read(path: pathlib.Path) -> HouseholdLines:
    """Reads the lines of households with a known band."""
    lines = pd.read_parquet(path, columns=list(_COLUMNS))
    lines = lines.dropna(subset=["household_age_band"]).reset_index(drop=True)
    basket, first = _codes(lines["basket_id"])
    household, _ = _codes(lines["household_id"].iloc[first])
    bands = lines["household_age_band"].astype(str).iloc[first]
    band_of = pd.Series(bands.to_numpy()).groupby(household).first()
    years = np.array([BANDS_YEARS[band] for band in band_of], np.int64)
    return HouseholdLines(
        sales=_sales(lines),
        basket=basket,
        household=household,
        low_years=years[:, 0],
        high_years=years[:, 1],
    )


def _codes(values: pd.Series) -> tuple[Index, Index]:
    """Numbers values, and finds the first place of each."""
    _, first, codes = np.unique(
        values.astype(str), return_index=True, return_inverse=True
    )
    return codes.astype(np.int64), first


def _sales(lines: pd.DataFrame) -> pa.Table:
    category = lines["product_category"].fillna("OTHER")
    amount = pa.array(lines["sales_value"].round(2), pa.float64())
    return pa.table(
        {
            "store_id": pa.array(lines["store_id"], pa.string()),
            "product_id": pa.array(lines["product_id"], pa.string()),
            "product_name": pa.array(lines["product_type"], pa.string()),
            "category": pa.array(category, pa.string()),
            "age_restricted": pa.array([False] * len(lines)),
            "currency": pa.array(["USD"] * len(lines)),
            "amount": amount.cast(fields.MONEY),
        }
    )


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Truth:
    """What the true bands of the same baskets say.

    Attributes:
      index: 100 * penetration of the group / of all, `(items, groups)`.
      dealt_q: Benjamini-Hochberg q-values of bands dealt anew among households,
        `(items, groups)`; NaN: not tested.
      wald_q: Likewise of Wald tests with households as clusters. Where few households
        of a group buy an item they find too much.
      basket_q: Likewise with baskets taken as independent, as a report takes them.
    """

    index: Floats
    dealt_q: Floats
    wald_q: Floats
    basket_q: Floats


def truth(
    known: HouseholdLines,
    groups: age_groups.AgeGroups,
    level: str,
    min_baskets: int,
    num_deals: int,
    rng: np.random.Generator,
) -> Truth:
    """Finds which groups truly buy an item more or less often than all others.

    Args:
      known: Lines of households.
      groups: Unions of the households' bands.
      level: `product` or `category`.
      min_baskets: Least baskets, of the group and with the item, of a cell that is
        tested; the same family as that of a report.
      num_deals: Times that bands are dealt anew; the least p is one in as many.
      rng: Source of the deals.

    Returns:
      Cells in the order of `known.counted`.
    """
    group = known.true_group(groups)
    member = np.eye(len(groups.bounds_years) + 1)[group]
    years = np.array([0, *groups.bounds_years], np.float64)[group]
    counted = known.counted(years[known.household], groups, level)
    with_any = counted.with_item.sum(axis=1, keepdims=True)
    family = (with_any >= min_baskets) & (counted.of_group >= min_baskets)
    baskets = np.bincount(known.household, minlength=len(group)).astype(np.float64)
    bought = _bought(known, counted, level)
    dealt = _dealt_p(group, _excess(bought, baskets), num_deals, rng)
    rates = counted.with_item / counted.of_group
    return Truth(
        index=100 * rates / (with_any / counted.of_group.sum()),
        dealt_q=contingency.q_values(dealt, family),
        wald_q=contingency.q_values(_wald_p(member, bought, baskets), family),
        basket_q=contingency.q_values(
            contingency.p_values(counted.with_item, counted.of_group), family
        ),
    )


def _bought(
    known: HouseholdLines, true: item_baskets.ItemBaskets, level: str
) -> Floats:
    """Counts baskets with each item by household, `(households, items)`."""
    column = "product_id" if level == "product" else "category"
    items = pd.Index(true.items[column].to_pylist())
    item = items.get_indexer(known.sales[column].to_pylist())
    pairs = np.unique(np.stack([known.basket, item]), axis=1)
    bought = np.zeros((len(known.low_years), len(items)))
    np.add.at(bought, (known.household[pairs[0]], pairs[1]), 1)
    return bought


def _excess(bought: Floats, baskets: Floats) -> Floats:
    """Gives what each household bought beyond the share of all, same shape."""
    return bought - baskets[:, None] * (bought.sum(axis=0) / baskets.sum())


def _dealt_p(
    group: Index, excess: Floats, num_deals: int, rng: np.random.Generator
) -> Floats:
    """Tests each group's excess against bands dealt anew, `(items, groups)`."""
    one_each = np.eye(group.max() + 1)
    observed = np.abs(one_each[group].T @ excess) * (1 - 1e-12)
    beyond = np.zeros_like(observed)
    for start in tqdm.trange(0, num_deals, _DEALS_AT_ONCE, desc="deals", disable=None):
        many = min(_DEALS_AT_ONCE, num_deals - start)
        dealt = rng.permuted(np.tile(group, (many, 1)), axis=1)
        for place in range(len(one_each)):
            drawn = (dealt == place).astype(np.float64) @ excess
            beyond[place] += (np.abs(drawn) >= observed[place]).sum(axis=0)
    return ((beyond + 1) / (num_deals + 1)).T


def _wald_p(member: Floats, bought: Floats, baskets: Floats) -> Floats:
    """Tests the rate of each group against that of the others, `(items, groups)`."""
    inside, outside = (_rates(side.T, bought, baskets) for side in (member, 1 - member))
    spread = np.sqrt(inside[1] + outside[1])
    gaps = (inside[0] - outside[0]) / np.where(spread > 0, spread, np.inf)
    return 2 * stats.norm.sf(np.abs(gaps)).T


def _rates(side: Floats, bought: Floats, baskets: Floats) -> tuple[Floats, Floats]:
    """Gives rates by group, and their variances with households as clusters."""
    total = (side @ baskets)[:, None]
    rate = (side @ bought) / total
    squares = (
        side @ bought**2
        - 2 * rate * (side @ (bought * baskets[:, None]))
        + rate**2 * (side @ baskets**2)[:, None]
    )
    return rate, np.maximum(squares, 0) / total**2
