"""Whether a figure grows from day to day: least squares with an interval."""

import dataclasses
import math
from collections.abc import Sequence

from scipy import stats

_LEAST_POINTS = 4
_CONFIDENCE = 0.95


@dataclasses.dataclass(frozen=True, kw_only=True)
class Trend:
    """A line through a figure of several days.

    Attributes:
      slope: Growth a day.
      low: Lower end of its 95 % interval; NaN: fewer than four days.
      high: Upper end.
      growth_share: Growth over all days as a share of the mean.
    """

    slope: float
    low: float
    high: float
    growth_share: float

    def is_flat(self, tolerated_share: float) -> bool:
        """Tells whether it does not grow for certain, or by so little that it may."""
        return not self.low > 0 or self.growth_share <= tolerated_share


def of(days: Sequence[int], values: Sequence[float]) -> Trend:
    """Fits the line.

    Args:
      days: Number of each day.
      values: Figure of each day.
    """
    if len(days) < _LEAST_POINTS:
        return Trend(slope=math.nan, low=math.nan, high=math.nan, growth_share=0.0)
    fitted = stats.linregress(days, values)
    t = stats.t.ppf((1 + _CONFIDENCE) / 2, len(days) - 2)
    mean = sum(values) / len(values)
    growth = fitted.slope * (max(days) - min(days))
    return Trend(
        slope=float(fitted.slope),
        low=float(fitted.slope - t * fitted.stderr),
        high=float(fitted.slope + t * fitted.stderr),
        growth_share=float(growth / mean) if mean else 0.0,
    )
