"""What to offer to which age group, and to which groups never what is age-restricted.

An age-restricted item is never offered to a group that can hold minors. That is each
group that begins below the legal age. A group such as 18-24 that a model estimated can
hold minors too, although its name says otherwise: it is made up of people who LOOK as
old as that, and the model takes some minors for older. So the groups allowed are told
by the confusion of the model: the share of minors among all who are estimated there.
"""

import dataclasses

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from scipy import stats

from pipelines.domain import age_groups, confusion
from schemas import offers

_CONFIDENCE = 0.95


@dataclasses.dataclass(frozen=True, kw_only=True)
class OfferSettings:
    """What may be offered.

    Attributes:
      max_q: Largest q-value.
      min_baskets: Least baskets of the group with the item.
      max_per_group: Offers of one group.
      legal_age_years: From which age-restricted items may be sold.
      max_minor_share: Of those estimated in a group to which age-restricted items
        are offered, 0 to 1.
    """

    max_q: float = 0.05
    min_baskets: int = 30
    max_per_group: int = 50
    legal_age_years: int = 18
    max_minor_share: float = 0.01


def minor_shares(
    known: confusion.Confusion, groups: age_groups.AgeGroups, legal_age_years: int
) -> npt.NDArray[np.float64]:
    """Bounds the share of minors among those estimated in each group, from above.

    Of each true band that begins below the legal age, the share estimated in the
    group is the upper end of the exact one-sided 95 % interval over its photos, so
    that few photos of minors do not pass for few minors; such a band counts as minors
    whole. A band that shoppers are of and photos are not may all be estimated there.

    Args:
      known: Confusion of the model, with the weights of shoppers.
      groups: Unions of five-year bands.
      legal_age_years: From which a person is of age.

    Returns:
      Shape `(groups,)`, 0 to 1.
    """
    is_minor = np.asarray(confusion.BAND_BOUNDS_YEARS) < legal_age_years
    photos = known.counts.sum(axis=0)
    there = confusion.membership(groups) @ known.counts
    most = stats.beta.ppf(_CONFIDENCE, there + 1, np.maximum(photos - there, 1e-9))
    most = np.where(there < photos, most, 1.0)
    shares = there / np.maximum(photos, 1)
    minors = (most * known.weights)[:, is_minor].sum(axis=1)
    adults = (shares * known.weights)[:, ~is_minor].sum(axis=1)
    total = minors + adults
    return np.where(total > 0, minors / np.where(total > 0, total, 1.0), 1.0)


def allowed_groups(
    known: confusion.Confusion,
    groups: age_groups.AgeGroups,
    settings: OfferSettings,
) -> frozenset[str]:
    """Names the groups to which age-restricted items may be offered.

    They begin at the legal age or above, and minors are at most `max_minor_share` of
    those estimated there.
    """
    shares = minor_shares(known, groups, settings.legal_age_years)
    lowest = (0, *groups.bounds_years)
    return frozenset(
        label
        for label, low, share in zip(groups.labels, lowest, shares, strict=False)
        if low >= settings.legal_age_years and share <= settings.max_minor_share
    )


def of_affinity(
    affinity: pa.Table, adult_groups: frozenset[str], settings: OfferSettings
) -> pa.Table:
    """Ranks what each age group prefers, by the lower bound of the corrected index.

    Args:
      affinity: Rows of `schemas.age_group_affinity`.
      adult_groups: Labels of the groups to which age-restricted items may be
        offered; see `allowed_groups`.
      settings: Limits.

    Returns:
      Rows of `schemas.offers`, by age group and rank: only items with a small q,
      baskets enough and a lower bound above 100. A category counts as age-restricted
      where any product of it is.
    """
    wanted = affinity.filter(_is_offered(affinity, adult_groups, settings))
    ordered = wanted.sort_by(
        [
            ("age_group_order", "ascending"),
            ("corrected_index_low", "descending"),
            ("corrected_index", "descending"),
            ("category", "ascending"),
            ("product_id", "ascending"),
        ]
    )
    ranks = _ranks(ordered["age_group_order"].to_numpy())
    ranked = ordered.append_column("rank", pa.array(ranks))
    ranked = ranked.filter(pa.array(ranks <= settings.max_per_group))
    reasons = pa.array([_reason(row) for row in ranked.to_pylist()], pa.string())
    named = ranked.append_column("reason", reasons)
    return named.select(offers.SCHEMA.names).cast(offers.SCHEMA)


def _is_offered(
    affinity: pa.Table, adult_groups: frozenset[str], settings: OfferSettings
) -> pa.ChunkedArray:
    is_adult = pc.is_in(
        affinity["age_group"], pa.array(sorted(adult_groups), pa.string())
    )
    tests = (
        pc.less_equal(affinity["q_value"], settings.max_q),
        pc.greater_equal(affinity["baskets"], settings.min_baskets),
        pc.greater(affinity["corrected_index_low"], 100.0),
        pc.or_(pc.invert(_restricted(affinity)), is_adult),
    )
    wanted = pc.invert(affinity["suppressed"])
    for test in tests:
        wanted = pc.and_(wanted, pc.fill_null(test, False))
    return wanted


def _restricted(affinity: pa.Table) -> pa.ChunkedArray:
    """Age-restricted rows; of a category all, where some of its products are."""
    of_category = pc.and_(
        affinity["age_restricted"], pc.equal(affinity["level"], "category")
    )
    categories = affinity["category"].filter(of_category).combine_chunks()
    is_shared = pc.and_(
        pc.equal(affinity["level"], "category"),
        pc.is_in(affinity["category"], categories),
    )
    return pc.or_(affinity["age_restricted"], is_shared)


def _ranks(orders: npt.NDArray[np.int8]) -> npt.NDArray[np.int32]:
    """Numbers rows from 1 within each group; `orders` must be sorted."""
    starts = np.searchsorted(orders, orders, side="left")
    return (np.arange(len(orders)) - starts + 1).astype(np.int32)


def _reason(row: dict) -> str:
    low, times, high = (
        row[name] / 100
        for name in ("corrected_index_low", "corrected_index", "corrected_index_high")
    )
    return (
        f"Customers {_people(row['age_group'])} buy it about {times:.1f} times as "
        f"often as all customers (likely {low:.2f} to {high:.2f} times), once errors "
        "of the estimated ages are allowed for; seen in "
        f"{row['baskets']:,} of their baskets."
    )


def _people(age_group: str) -> str:
    """Says `<25`, `25-44`, `65+` in words."""
    if age_group.startswith("<"):
        return f"under {age_group[1:]}"
    if age_group.endswith("+"):
        return f"of {age_group[:-1]} and over"
    return f"aged {age_group}"
