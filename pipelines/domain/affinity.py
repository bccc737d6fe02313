"""Which age group buys what, as estimated and corrected for the model's confusion.

Tests are of the raw estimated groups: where buyers do not differ by age, random
misclassification makes no difference between groups. Where they do differ, a group
also shows some of what its neighbours buy, so that a small q alone does not say whose
preference it is; the interval of the corrected index has to exclude 100 too.

Baskets count as independent, for the nightly tables know no households; where few
households make up a group, its intervals are too narrow.
"""

import dataclasses

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from statsmodels.stats import proportion

from pipelines.domain import (
    age_groups,
    confusion,
    contingency,
    item_baskets,
    suppression,
)
from schemas import age_group_affinity

_ITEMS_AT_ONCE = 4096
# Draws without people in a group, as a share of those left out at one end.
_MAX_EMPTY_SHARE = 0.4
# Where 10 % of the draws are left out, intervals hold the truth in 89.7 % of cells.
_LEFT_OUT = 0.8

_Counts = npt.NDArray[np.int64]
_Floats = npt.NDArray[np.float64]
_Mask = npt.NDArray[np.bool_]


@dataclasses.dataclass(frozen=True, kw_only=True)
class AffinitySettings:
    """What a report shows, and what it calls reliable.

    Attributes:
      confidence: Of all intervals, 0 to 1.
      max_q: Largest q-value of a reliable row.
      min_baskets: Least baskets, of the group and with the item, of a reliable row.
      min_shown_baskets: Cells with fewer are suppressed.
      num_draws: Bootstrap draws.
      max_condition: Of the confusion matrix; beyond it the groups cannot be told
        apart and nothing is corrected.
    """

    confidence: float = 0.90
    max_q: float = 0.05
    min_baskets: int = 30
    min_shown_baskets: int = 10
    num_draws: int = 200
    max_condition: float = 50.0


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Affinity:
    """Answers of a report.

    Attributes:
      table: Rows of `schemas.age_group_affinity`, by item, then by age group.
      unknown_share: Share of baskets without an age, left out of the table.
      condition: Of the confusion matrix between the groups, 1 to infinity.
      is_corrected: Whether the groups can be told apart.
      num_tested: Cells that share the q-values.
    """

    table: pa.Table
    unknown_share: float
    condition: float
    is_corrected: bool
    num_tested: int


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class _Figures:
    """Columns before they are laid out; all of shape `(items, groups)`."""

    hidden: _Mask
    penetration: _Floats
    index: _Floats
    corrected: _Floats
    low: _Floats
    high: _Floats
    p: _Floats
    q: _Floats


def of_baskets(
    counted: item_baskets.ItemBaskets,
    known: confusion.Confusion,
    groups: age_groups.AgeGroups,
    settings: AffinitySettings,
    rng: np.random.Generator,
) -> Affinity:
    """Compares the age groups of a report.

    Args:
      counted: Baskets by item and group.
      known: Confusion of the model that estimated the ages.
      groups: Of `counted`; unions of five-year bands.
      settings: Limits.
      rng: Source of the bootstrap draws.

    Raises:
      ValueError: `known` cannot tell about `groups`, or they are more than eight.
    """
    between = known.between(groups)
    is_corrected = between.condition <= settings.max_condition
    figures = _tested(counted, settings)
    if is_corrected:
        draws = known.drawn(groups, settings.num_draws, rng)
        figures = _corrected(figures, counted, between, draws, settings, rng)
    return Affinity(
        table=_table(figures, counted, groups, settings),
        unknown_share=counted.unknown_share,
        condition=between.condition,
        is_corrected=is_corrected,
        num_tested=int((~np.isnan(figures.q)).sum()),
    )


def _tested(counted: item_baskets.ItemBaskets, settings: AffinitySettings) -> _Figures:
    with_item, of_group = counted.with_item, counted.of_group
    # By margins alone: whatever the groups buy, the family of tests is the same.
    has_item = with_item.sum(axis=1, keepdims=True) >= settings.min_baskets
    p = contingency.p_values(with_item, of_group)
    unknown = np.full(with_item.shape, np.nan)
    return _Figures(
        hidden=suppression.hidden(with_item, settings.min_shown_baskets),
        penetration=_ratio(with_item, of_group),
        index=_index(with_item, of_group, with_item, of_group),
        corrected=unknown,
        low=unknown,
        high=unknown,
        p=p,
        q=contingency.q_values(p, has_item & (of_group >= settings.min_baskets)),
    )


def _corrected(
    figures: _Figures,
    counted: item_baskets.ItemBaskets,
    between: confusion.GroupConfusion,
    draws: list[confusion.GroupConfusion],
    settings: AffinitySettings,
    rng: np.random.Generator,
) -> _Figures:
    """Adds the corrected index of items that are shown, with its interval."""
    corrected, low, high = (figures.corrected.copy() for _ in range(3))
    of_group = counted.of_group
    baskets = rng.poisson(of_group, (len(draws), len(of_group)))
    shown = np.flatnonzero(~figures.hidden.all(axis=1))
    tail = _LEFT_OUT * (1 - settings.confidence) / 2
    for start in range(0, len(shown), _ITEMS_AT_ONCE):
        rows = shown[start : start + _ITEMS_AT_ONCE]
        with_item = counted.with_item[rows]
        corrected[rows] = _corrected_index(between, with_item, of_group)
        drawn = _draw(draws, with_item, of_group, baskets, rng)
        low[rows], high[rows] = _interval(drawn, tail)
    # Where a group is gone in some draws, an index without an interval looks sure.
    corrected[np.isnan(low)] = np.nan
    return dataclasses.replace(figures, corrected=corrected, low=low, high=high)


def _interval(drawn: _Floats, tail: float) -> _Floats:
    # A draw without people in a group says nothing: below the low, above the high.
    is_empty = np.isnan(drawn)
    ends = [
        # The default of numpy lies inside: of 200 draws, it leaves out 11 % for 10 %.
        np.quantile(np.where(is_empty, beyond, drawn), end, axis=0, method="weibull")
        for beyond, end in ((-1.0, tail), (1e9, 1 - tail))
    ]
    is_known = is_empty.mean(axis=0) <= _MAX_EMPTY_SHARE * tail
    return np.where(is_known, ends, np.nan)


def _draw(
    draws: list[confusion.GroupConfusion],
    with_item: _Counts,
    of_group: _Counts,
    baskets: _Counts,
    rng: np.random.Generator,
) -> _Floats:
    """Resamples baskets with each draw of the calibration photos.

    Numbers of baskets are Poisson, shares with the item beta with Jeffreys' prior:
    the errors of Poisson counts, but no count, not even 0, is taken for sure.

    Returns:
      Corrected indices, shape `(draws, items, groups)`.
    """
    without_item = of_group - with_item
    drawn = np.empty((len(draws), *with_item.shape))
    for place, between in enumerate(draws):
        bought = rng.beta(with_item + 0.5, without_item + 0.5) * baskets[place]
        drawn[place] = _corrected_index(between, bought, baskets[place])
    return drawn


def _corrected_index(
    between: confusion.GroupConfusion, with_item: npt.NDArray, of_group: _Counts
) -> _Floats:
    true_group = between.corrected(of_group)
    true_with_item = np.minimum(between.corrected(with_item), true_group)
    return _index(true_with_item, true_group, with_item, of_group)


def _index(
    with_item: npt.NDArray,
    of_group: npt.NDArray,
    with_item_of_all: npt.NDArray,
    of_all: _Counts,
) -> _Floats:
    """Relates penetrations to that of all, times 100; NaN where there is none."""
    everyone = _ratio(with_item_of_all.sum(axis=1, keepdims=True), of_all.sum())
    return 100.0 * _ratio(_ratio(with_item, of_group), everyone)


def _ratio(numerator: npt.ArrayLike, denominator: npt.ArrayLike) -> _Floats:
    """Divides; NaN by zero."""
    below = np.asarray(denominator, np.float64)
    return np.asarray(numerator) / np.where(below > 0, below, np.nan)


def _table(
    figures: _Figures,
    counted: item_baskets.ItemBaskets,
    groups: age_groups.AgeGroups,
    settings: AffinitySettings,
) -> pa.Table:
    num_items, num_groups = counted.with_item.shape
    items = counted.items.take(pa.array(np.repeat(np.arange(num_items), num_groups)))
    orders = np.tile(np.arange(num_groups, dtype=np.int8), num_items)
    group_baskets = np.broadcast_to(counted.of_group, counted.with_item.shape)
    hidden_group = group_baskets < settings.min_shown_baskets
    measures = _measures(figures, counted, settings)
    columns = {
        **dict(zip(items.schema.names, items.columns, strict=True)),
        "age_group": groups.names(orders),
        "age_group_order": orders,
        "suppressed": figures.hidden.ravel(),
        "group_baskets": _masked(group_baskets, hidden_group),
        "baskets": _masked(counted.with_item, figures.hidden),
        **{name: _masked(cells, figures.hidden) for name, cells in measures.items()},
        "reliable": _reliable(figures, counted, settings).ravel(),
    }
    schema = age_group_affinity.SCHEMA
    return pa.table({name: columns[name] for name in schema.names}, schema=schema)


def _measures(
    figures: _Figures, counted: item_baskets.ItemBaskets, settings: AffinitySettings
) -> dict[str, _Floats]:
    low, high = _wilson(figures, counted, settings)
    return {
        "penetration": figures.penetration,
        "penetration_low": low,
        "penetration_high": high,
        "raw_index": figures.index,
        "corrected_index": figures.corrected,
        "corrected_index_low": figures.low,
        "corrected_index_high": figures.high,
        "p_value": figures.p,
        "q_value": figures.q,
    }


def _masked(cells: npt.NDArray, is_hidden: _Mask) -> pa.Array:
    mask = is_hidden | np.isnan(cells)
    return pa.array(cells.ravel(), mask=mask.ravel())


def _wilson(
    figures: _Figures, counted: item_baskets.ItemBaskets, settings: AffinitySettings
) -> tuple[_Floats, _Floats]:
    """Wilson intervals of the penetrations that are shown; NaN elsewhere."""
    shown = ~figures.hidden
    low, high = (np.full(shown.shape, np.nan) for _ in range(2))
    group_baskets = np.broadcast_to(counted.of_group, shown.shape)
    low[shown], high[shown] = proportion.proportion_confint(
        counted.with_item[shown],
        group_baskets[shown],
        alpha=1 - settings.confidence,
        method="wilson",
    )
    return low, high


def _reliable(
    figures: _Figures, counted: item_baskets.ItemBaskets, settings: AffinitySettings
) -> _Mask:
    is_apart = (figures.low > 100) | (figures.high < 100)
    is_enough = counted.with_item >= settings.min_baskets
    return ~figures.hidden & (figures.q <= settings.max_q) & is_enough & is_apart
