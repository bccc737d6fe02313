"""Baskets of shoppers whose preferences are known, counted as the nightly tables do."""

import dataclasses
import math

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from benchmarks import crowds
from pipelines.domain import age_groups, confusion, item_baskets

LEAST_INDEX, LARGEST_INDEX = 50.0, 300.0
NO_EFFECT = 100.0
"""Index of an item that all groups buy alike."""
_LOG_PENETRATIONS = math.log(0.003), math.log(0.1)

Floats = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Planted:
    """Items, half of them with one planted preference each, and half without.

    Attributes:
      penetrations: Of the true groups, `(items, groups)`.
      group: Group that prefers or avoids the item; -1: none, `(items,)`.
      true_index: 100 * penetration of the true group / of all, `(items, groups)`.
    """

    penetrations: Floats
    group: Index
    true_index: Floats

    @property
    def is_effect(self) -> npt.NDArray[np.bool_]:
        """Tells the planted cells, `(items, groups)`."""
        return self.group[:, None] == np.arange(self.penetrations.shape[1])


def plant(shares: Floats, num_effects: int, rng: np.random.Generator) -> Planted:
    """Plants effects, one an item, and adds as many items without.

    Penetrations over all groups are 0.3 to 10 %, indices of the planted groups 50 to
    300, both even on a logarithmic scale. A group of a share s of all shoppers cannot
    have an index above 100 / s; there the planted one stops at nine tenths of it.

    Args:
      shares: Of shoppers in the true groups, `(groups,)`, sum to 1.
      num_effects: Number of planted ones.
      rng: Source of chance.
    """
    num_items = 2 * num_effects
    group = np.full(num_items, -1)
    group[:num_effects] = rng.integers(len(shares), size=num_effects)
    share = shares[group]
    largest = np.log(np.minimum(LARGEST_INDEX, 90 / share))
    index = np.exp(rng.uniform(np.log(LEAST_INDEX), largest))
    true_index = np.full((num_items, len(shares)), NO_EFFECT)
    is_planted = group >= 0
    others = ((100 - share * index) / (1 - share))[is_planted, None]
    true_index[is_planted] = others
    true_index[is_planted, group[is_planted]] = index[is_planted]
    overall = np.exp(rng.uniform(*_LOG_PENETRATIONS, size=(num_items, 1)))
    return Planted(
        penetrations=overall * true_index / 100, group=group, true_index=true_index
    )


def cells(crowd: crowds.Crowd, groups: age_groups.AgeGroups, tilt: float) -> Floats:
    """Gives the shares of shoppers by true group and predicted five-year band.

    Args:
      crowd: Whose errors these are.
      groups: Of the report.
      tilt: 0: ages as the calibration is weighted to; each ten years of age weigh
        e to this power more.

    Returns:
      `(groups, 20)`, sums to 1.
    """
    years = crowd.known.ages_years
    weights = crowd.weights * np.exp(tilt * (years - 45) / 10)
    true = np.searchsorted(groups.bounds_years, years, side="right")
    bounds = age_groups.FIVE_YEAR_BANDS.bounds_years
    band = np.searchsorted(bounds, crowd.mean_years, side="right")
    shares = np.zeros((len(groups.bounds_years) + 1, confusion.NUM_BANDS))
    np.add.at(shares, (true, band), weights)
    return shares / shares.sum()


def shop(
    planted: Planted,
    shares: Floats,
    num_baskets: int,
    groups: age_groups.AgeGroups,
    rng: np.random.Generator,
) -> item_baskets.ItemBaskets:
    """Fills baskets and counts them through tables of demand by band.

    Args:
      planted: What the true groups buy.
      shares: As of `cells`.
      num_baskets: In all.
      groups: Of the report.
      rng: Source of chance.
    """
    baskets = rng.multinomial(num_baskets, shares.ravel()).reshape(shares.shape)
    bought = np.stack(
        [
            rng.binomial(baskets, rate[:, None]).sum(axis=0)
            for rate in planted.penetrations
        ]
    )
    item, band = np.nonzero(bought)
    names = [f"{place:05d}" for place in item]
    rows = pa.table(
        {
            "product_id": pa.array(names, pa.string()),
            "product_name": pa.array(names, pa.string()),
            "category": pa.array(["planted"] * len(item), pa.string()),
            "age_restricted": pa.array([False] * len(item), pa.bool_()),
            "age_band_order": band.astype(np.int8),
            "baskets": bought[item, band],
        }
    )
    total = pa.table(
        {
            "age_band_order": np.arange(confusion.NUM_BANDS, dtype=np.int8),
            "baskets": baskets.sum(axis=0),
        }
    )
    return item_baskets.of_demand(rows, total, groups)
