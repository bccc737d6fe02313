"""Funnel limits: how far chance alone takes an observed from an expected number.

Cashiers differ for reasons that nobody recorded. Where they all scatter more than
chance allows, limits are widened by that overdispersion (Spiegelhalter 2005).
"""

import dataclasses
import functools

import numpy as np
import numpy.typing as npt
from scipy import stats

Floats = npt.NDArray[np.float64]

_MAX_SALES = 100_000


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds of observed / expected, one pair a cashier, low below 1 and high above."""

    low: Floats
    high: Floats

    def widened(self, factor: npt.ArrayLike) -> "Limits":
        """Moves both away from 1, `low` to 0 at most."""
        by = np.asarray(factor)
        return Limits(
            low=np.maximum(1.0 + by * (self.low - 1.0), 0.0),
            high=1.0 + by * (self.high - 1.0),
        )


def overdispersion(z: Floats, winsorised_fraction: float) -> float:
    """Measures how much more cashiers scatter than chance makes them: phi.

    Extreme values count as the quantile they are beyond, so that a few cashiers who
    never check do not widen the limits for themselves. Of values that only chance
    scatters, this leaves a mean square below 1 (0.68 for a tenth on each side); it is
    divided by that, so that phi is 1 where there is no overdispersion.

    Args:
      z: (Observed - expected) / standard deviation, one a cashier.
      winsorised_fraction: On each side, 0 to below 0.5.

    Returns:
      Mean of the squares, over that of a winsorised standard normal; 1 at least.
    """
    if not len(z):
        return 1.0
    low, high = np.quantile(z, [winsorised_fraction, 1.0 - winsorised_fraction])
    mean_square = float(np.mean(np.clip(z, low, high) ** 2))
    return max(mean_square / _mean_square_by_chance(winsorised_fraction), 1.0)


@functools.lru_cache
def _mean_square_by_chance(winsorised_fraction: float) -> float:
    """Integrates the square of a standard normal, cut at its quantiles."""
    if not winsorised_fraction:
        return 1.0
    cut = float(stats.norm.isf(winsorised_fraction))
    inside = 1.0 - 2.0 * winsorised_fraction - 2.0 * cut * float(stats.norm.pdf(cut))
    return inside + 2.0 * winsorised_fraction * cut**2


def curve(num_sales: npt.ArrayLike, rate: float, level: float, phi: float) -> Limits:
    """Computes the limits to draw: of sales that all have one probability.

    Args:
      num_sales: Numbers of eligible sales, from 1.
      rate: Probability of each to go unchecked, above 0.
      level: Such as 0.999, on each side.
      phi: Overdispersion.

    Returns:
      Limits for each of `num_sales`; plot them over `num_sales * rate`.
    """
    trials = np.asarray(num_sales)
    tail = 1.0 - level
    high = stats.binom.isf(tail, trials, rate)
    low = trials - stats.binom.isf(tail, trials, 1.0 - rate)
    expected = trials * rate
    return Limits(low=low / expected, high=high / expected).widened(np.sqrt(phi))


@functools.lru_cache(maxsize=4096)
def sales_for_power(rate: float, ratio: float, level: float, power: float) -> int:
    """Finds from how many sales on an excess is likely to leave the upper limit.

    Exact binomial, without overdispersion. Power rises in a saw-tooth; from the
    number given on it stays.

    Args:
      rate: Expected probability of a sale to go unchecked, above 0.
      ratio: Of the true probability to `rate`, above 1.
      level: Of the limit, such as 0.999.
      power: Probability to leave it, such as 0.8.

    Returns:
      Number of eligible sales; 0 where none is enough: `rate` times `ratio` is 1 or
      more, or so small that over 100,000 sales are needed.
    """
    if rate * ratio >= 1.0:
        return 0
    size = _likely_sales(rate, ratio, level, power)
    if size > _MAX_SALES:
        return 0
    trials = np.arange(1, 2 * size + 20)
    limit = stats.binom.isf(1.0 - level, trials, rate)
    is_short = stats.binom.sf(limit, trials, rate * ratio) < power
    return int(trials[is_short][-1]) + 1


def _likely_sales(rate: float, ratio: float, level: float, power: float) -> int:
    """Approximates the number of sales by the normal distribution."""
    true = rate * ratio
    spread = stats.norm.isf(1.0 - level) * np.sqrt(rate * (1.0 - rate))
    spread += stats.norm.isf(1.0 - power) * np.sqrt(true * (1.0 - true))
    return int((spread / (true - rate)) ** 2) + 1
