"""When a person is asked to look at a cashier: all thresholds of the audit."""

import dataclasses


@dataclasses.dataclass(frozen=True, kw_only=True)
class ReviewRules:
    """Thresholds of the cashier audit.

    Attributes:
      period_days: Length of a period; the last one ends on the last day.
      num_periods: Latest periods that are judged.
      min_review_periods: Of these, how many must be beyond for a review.
      max_q: q-value below which a period counts.
      outer_level: Of the limit beyond which a period counts, on each side.
      inner_level: Of the limit that is shown beside it.
      min_expected: Expected unchecked sales below which a period is not judged.
      min_eligible_sales: Eligible sales below which a period is not judged.
      max_peer_uncertainty: Above it a period is not judged: peers are too few, see
        `peers.Expectation`. At 1, what is expected is as uncertain as what is seen.
      winsorised_fraction: Of cashiers, on each side, for the overdispersion.
      confidence: Of the intervals of observed / expected.
      excess_ratio: Of a cashier's rate to the expected, whose probability is shown.
      power_ratio: Of a cashier's rate to the expected, for the sales that are needed.
      power: To leave the outer limit with that many sales.
    """

    period_days: int = 28
    num_periods: int = 3
    min_review_periods: int = 2
    max_q: float = 0.05
    outer_level: float = 0.999
    inner_level: float = 0.95
    min_expected: float = 5.0
    min_eligible_sales: int = 100
    max_peer_uncertainty: float = 1.0
    winsorised_fraction: float = 0.1
    confidence: float = 0.9
    excess_ratio: float = 1.5
    power_ratio: float = 2.0
    power: float = 0.8

    def __post_init__(self) -> None:
        """Checks the ranges.

        Raises:
          ValueError: a threshold is out of its range.
        """
        for name in ("period_days", "num_periods", "min_review_periods"):
            self._demand(name, getattr(self, name) >= 1, "be at least 1")
        self._demand(
            "min_review_periods",
            self.min_review_periods <= self.num_periods,
            f"be at most num_periods, {self.num_periods}",
        )
        for name in ("max_q", "outer_level", "inner_level", "confidence", "power"):
            self._demand(name, 0.0 < getattr(self, name) < 1.0, "be above 0, below 1")
        for name in ("min_expected", "min_eligible_sales", "max_peer_uncertainty"):
            self._demand(name, getattr(self, name) >= 0, "be at least 0")
        for name in ("excess_ratio", "power_ratio"):
            self._demand(name, getattr(self, name) > 1.0, "be above 1")
        fraction = self.winsorised_fraction
        self._demand("winsorised_fraction", 0.0 <= fraction < 0.5, "be in [0, 0.5)")

    def _demand(self, name: str, holds: bool, what: str) -> None:
        if not holds:
            raise ValueError(f"{name} must {what}; received {getattr(self, name)}")
