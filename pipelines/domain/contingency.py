"""Tests of many two-by-two tables: does a group buy an item as the others do?"""

import numpy as np
import numpy.typing as npt
from scipy import stats

_Counts = npt.NDArray[np.int64]
_Floats = npt.NDArray[np.float64]

# Many tests at once look far into the tail, where chi-square is off for small counts.
_EXACT_BELOW_EXPECTED = 100.0


def p_values(with_item: _Counts, of_group: _Counts) -> _Floats:
    """Tests each group against all others together.

    Fisher's exact test where a cell of the two-by-two table is expected to hold fewer
    than 100 baskets, its two-sided p twice the tail on the side where the count lies;
    else Pearson's chi-square without correction.

    Args:
      with_item: Baskets that hold the item, shape `(items, groups)`, at most
        `of_group`.
      of_group: Baskets of each group, shape `(groups,)`.

    Returns:
      Shape `(items, groups)`, 0 to 1; NaN where there is nothing to compare: no
      basket in the group or outside, none with the item or none without.
    """
    total = of_group.sum()
    with_any = np.broadcast_to(with_item.sum(axis=1, keepdims=True), with_item.shape)
    group = np.broadcast_to(of_group, with_item.shape)
    smaller = np.minimum(group, total - group).astype(np.float64)
    least = smaller * np.minimum(with_any, total - with_any) / max(total, 1)
    result = np.full(with_item.shape, np.nan)
    exact = (least > 0) & (least < _EXACT_BELOW_EXPECTED)
    large = least >= _EXACT_BELOW_EXPECTED
    for cells, test in ((exact, _fisher), (large, _chi_square)):
        result[cells] = test(with_item[cells], with_any[cells], group[cells], total)
    return result


def q_values(p: _Floats, is_tested: npt.NDArray[np.bool_]) -> _Floats:
    """Adjusts p-values by Benjamini and Hochberg.

    Args:
      p: Any shape; NaN: none.
      is_tested: The family of tests. It must not depend on how the counts fall among
        the groups, or the false discovery rate is no longer held.

    Returns:
      The same shape; NaN for what is not in the family.
    """
    result = np.full(p.shape, np.nan)
    family = is_tested & ~np.isnan(p)
    if family.any():
        result[family] = stats.false_discovery_control(p[family])
    return result


def _fisher(both: _Counts, with_item: _Counts, group: _Counts, total: int) -> _Floats:
    is_below = both * float(total) <= with_item.astype(np.float64) * group
    tail = np.where(
        is_below,
        stats.hypergeom.cdf(both, total, with_item, group),
        stats.hypergeom.sf(both - 1, total, with_item, group),
    )
    return np.minimum(2.0 * tail, 1.0)


def _chi_square(
    both: _Counts, with_item: _Counts, group: _Counts, total: int
) -> _Floats:
    rate, share = with_item / total, group / total
    variance = total * rate * (1 - rate) * share * (1 - share)
    return stats.chi2.sf(np.square(both - total * rate * share) / variance, 1)
