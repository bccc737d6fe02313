"""How unusual a day is, by the median and the spread of the days before it."""

import dataclasses

import numpy as np
import numpy.typing as npt
from scipy import special

_MAD_TO_SIGMA = 1.4826
_MAD_EFFICIENCY = 0.37
_MEDIAN_VARIANCE = np.pi / 2

Floats = npt.NDArray[np.float64]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Deviation:
    """A day against the days before.

    Attributes:
      expected: Median of the days before (of the same weekday, where enough).
      z: Difference in units of its own standard error.
      p_value: Two-sided; of Student's t, for the spread is an estimate.
      same_weekday: Only days of the same weekday gave `expected`.
    """

    expected: float
    z: float
    p_value: float
    same_weekday: bool


def deviation(
    value: float,
    least_sigma: float,
    past: Floats,
    is_same_weekday: npt.NDArray[np.bool_],
    past_weekdays: npt.NDArray[np.int64],
    thinness: float,
    min_same_weekdays: int,
) -> Deviation:
    """Compares a day with the days before.

    Args:
      value: Of the day.
      least_sigma: Standard deviation that its photos alone cause, at least.
      past: Values of the days before, `(d,)`, two or more.
      is_same_weekday: Which of them fell on the day's weekday, `(d,)`.
      past_weekdays: Weekday of each, 0 to 6, `(d,)`.
      thinness: Typical number of photos of the days before, by that of the day; a
        day of fewer photos may stray further.
      min_same_weekdays: From how many on, only these give the expected value.

    Returns:
      The deviation. The spread comes from all days, less their weekdays' medians
      where weekdays are compared.
    """
    same_weekday = int(is_same_weekday.sum()) >= min_same_weekdays
    if same_weekday:
        residuals, freedom = _within_weekdays(past, past_weekdays, min_same_weekdays)
        compared = past[is_same_weekday]
    else:
        residuals, freedom = past - median(past), len(past) - 1.0
        compared = past
    expected = median(compared)
    sigma = _MAD_TO_SIGMA * median(np.abs(residuals))
    sigma *= np.sqrt(len(residuals) / freedom * max(thinness, 1.0))
    sigma = max(sigma, least_sigma) * np.sqrt(1 + _MEDIAN_VARIANCE / len(compared))
    z = (value - expected) / sigma
    p_value = 2 * special.stdtr(max(_MAD_EFFICIENCY * freedom, 1.0), -abs(z))
    return Deviation(
        expected=expected, z=z, p_value=float(p_value), same_weekday=same_weekday
    )


def median(values: Floats) -> float:
    """Gives the median of `(n,)`; on a few values far faster than `numpy.median`."""
    ordered, size = np.sort(values), len(values)
    return float(ordered[(size - 1) // 2] + ordered[size // 2]) / 2


def _within_weekdays(
    past: Floats, weekdays: npt.NDArray[np.int64], min_days: int
) -> tuple[Floats, float]:
    """Gives what weekday medians leave, and its degrees of freedom."""
    groups = [past[weekdays == day] for day in range(7)]
    groups = [group for group in groups if len(group) >= min_days]
    residuals = np.concatenate([group - median(group) for group in groups])
    return residuals, float(len(residuals) - len(groups))
