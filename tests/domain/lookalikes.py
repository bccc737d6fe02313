"""People whose ages are misjudged, and what they buy: ready-made for tests."""

import numpy as np
import pyarrow as pa
from scipy import stats

from pipelines.domain import age_groups, confusion, item_baskets

NUM_BANDS = confusion.NUM_BANDS
SHOPPERS = np.array(
    [0, 0, 1, 3, 8, 9, 9, 9, 9, 9, 9, 9, 8, 6, 5, 3, 2, 1, 0, 0], np.float64
)
"""Weights of the true bands."""


def rates(mae_years: float) -> np.ndarray:
    """P(predicted band | true band) of a Gaussian error, ages even within a band."""
    sigma = mae_years * np.sqrt(np.pi / 2)
    edges = np.array([-np.inf, *age_groups.FIVE_YEAR_BANDS.bounds_years, np.inf])
    below = stats.norm.cdf(edges[:, None], np.arange(100) + 0.5, sigma)
    return np.diff(below, axis=0).reshape(NUM_BANDS, NUM_BANDS, 5).mean(axis=2)


def photographed(
    mae_years: float, photos_per_band: int, rng: np.random.Generator
) -> confusion.Confusion:
    """Takes calibration photos."""
    expected = rates(mae_years)
    columns = [
        rng.multinomial(photos_per_band, expected[:, band] / expected[:, band].sum())
        for band in range(NUM_BANDS)
    ]
    return confusion.Confusion(counts=np.stack(columns, axis=1), weights=SHOPPERS)


def perfect(photos_per_band: int = 100) -> confusion.Confusion:
    """Takes no one for older or younger."""
    counts = np.eye(NUM_BANDS, dtype=np.int64) * photos_per_band
    return confusion.Confusion(counts=counts, weights=SHOPPERS)


def blind(photos_per_band: int = 100) -> confusion.Confusion:
    """Estimates everybody alike."""
    counts = np.full((NUM_BANDS, NUM_BANDS), photos_per_band // NUM_BANDS)
    return confusion.Confusion(counts=counts, weights=SHOPPERS)


def items(number: int) -> pa.Table:
    """Lists products."""
    schema = pa.schema(
        [
            ("level", pa.string()),
            ("product_id", pa.string()),
            ("product_name", pa.string()),
            ("category", pa.string()),
            ("age_restricted", pa.bool_()),
        ]
    )
    rows = [
        {
            "level": "product",
            "product_id": f"P{place:04d}",
            "product_name": f"Product {place}",
            "category": "Food",
            "age_restricted": False,
        }
        for place in range(number)
    ]
    return pa.Table.from_pylist(rows, schema=schema)


def counted(with_item, of_group, unknown: int = 0) -> item_baskets.ItemBaskets:
    """Takes counts for those of a report."""
    cells = np.array(with_item, np.int64).reshape(-1, len(of_group))
    return item_baskets.ItemBaskets(
        items=items(len(cells)),
        with_item=cells,
        of_group=np.array(of_group, np.int64),
        unknown=unknown,
    )


def shop(
    penetrations: np.ndarray,
    groups: age_groups.AgeGroups,
    mae_years: float,
    num_baskets: int,
    rng: np.random.Generator,
) -> item_baskets.ItemBaskets:
    """Counts baskets by the group that their buyers are taken for.

    Args:
      penetrations: Of the TRUE groups, shape `(items, groups)`.
      groups: Unions of bands.
      mae_years: Mean absolute error of the ages.
      num_baskets: About as many in all.
      rng: Source of chance.
    """
    is_member = confusion.membership(groups)
    joint = is_member @ (rates(mae_years) * SHOPPERS) @ is_member.T
    baskets = rng.poisson(num_baskets * joint / joint.sum())
    bought = rng.binomial(baskets, penetrations[:, None, :]).sum(axis=2)
    return counted(bought, baskets.sum(axis=1))


def true_index(penetrations: np.ndarray, groups: age_groups.AgeGroups) -> np.ndarray:
    """Computes 100 * penetration of the true group / of all."""
    shares = confusion.membership(groups) @ SHOPPERS / SHOPPERS.sum()
    return 100 * penetrations / (penetrations @ shares)[:, None]
