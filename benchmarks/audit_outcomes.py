"""What cashier audits of simulated chains said, held against the truth, in shares."""

from typing import NamedTuple

import numpy as np
from statsmodels.stats import proportion

from pipelines.domain import cashier_audit


class Outcome(NamedTuple):
    """What the audit said of one chain, or of several added up.

    Attributes:
      chains: Number of chains.
      chains_with_false: Chains where somebody who is not planted is to be reviewed.
      planted: Planted cashiers.
      found: Of these, to be reviewed.
      false: Not planted, and to be reviewed.
      false_share: Sum over chains of false / all reviews; 0 without reviews.
      beyond: Periods beyond the limits, of cashiers who are not planted.
      judged: Judged periods of the same cashiers.
      eligible: Eligible sales of those who are not planted.
      unchecked: Of these, unchecked.
      planted_eligible: Eligible sales of the planted.
      planted_unchecked: Of these, unchecked.
    """

    chains: int = 0
    chains_with_false: int = 0
    planted: int = 0
    found: int = 0
    false: int = 0
    false_share: float = 0.0
    beyond: int = 0
    judged: int = 0
    eligible: int = 0
    unchecked: int = 0
    planted_eligible: int = 0
    planted_unchecked: int = 0

    def plus(self, other: "Outcome") -> "Outcome":
        """Adds up."""
        pairs = zip(self, other, strict=True)
        return Outcome._make(mine + its for mine, its in pairs)


class Share(NamedTuple):
    """A share and its Wilson 95 % interval, 0 to 1."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        """Shows percent, such as `0.20 (0.05 to 0.72)`."""
        value, low, high = (100.0 * part for part in self)
        return f"{value:.2f} ({low:.2f} to {high:.2f})"


def of_audit(audited: cashier_audit.CashierAudit, planted_ids: list[str]) -> Outcome:
    """Holds one chain's audit against the truth.

    Args:
      audited: What the audit said.
      planted_ids: Pseudonyms of the planted cashiers.
    """
    table = audited.cashiers
    planted = np.isin(table["cashier_id"].to_pylist(), planted_ids)
    review = table["needs_review"].to_numpy()
    found, false = int((review & planted).sum()), int((review & ~planted).sum())

    def total(name: str, chosen: np.ndarray) -> int:
        return int(table[name].to_numpy()[chosen].sum())

    return Outcome(
        chains=1,
        chains_with_false=int(false > 0),
        planted=int(planted.sum()),
        found=found,
        false=false,
        false_share=false / max(found + false, 1),
        beyond=total("periods_beyond", ~planted),
        judged=total("periods_judged", ~planted),
        eligible=total("eligible_sales", ~planted),
        unchecked=total("unchecked_sales", ~planted),
        planted_eligible=total("eligible_sales", planted),
        planted_unchecked=total("unchecked_sales", planted),
    )


def figures(outcome: Outcome) -> dict[str, object]:
    """Gives the numbers and shares as they go into the file of figures."""
    return {
        **outcome._asdict(),
        **{name: share._asdict() for name, share in shares(outcome).items() if share},
        "mean_false_share": outcome.false_share / outcome.chains,
    }


def shares(outcome: Outcome) -> dict[str, Share | None]:
    """Computes shares, None of nothing."""
    parts = {
        "unchecked_of_eligible": (outcome.unchecked, outcome.eligible),
        "planted_unchecked_of_eligible": (
            outcome.planted_unchecked,
            outcome.planted_eligible,
        ),
        "chains_with_false_review": (outcome.chains_with_false, outcome.chains),
        "power": (outcome.found, outcome.planted),
        "false_of_reviews": (outcome.false, outcome.found + outcome.false),
        "honest_periods_beyond": (outcome.beyond, outcome.judged),
    }
    return {name: _share(*numbers) for name, numbers in parts.items()}


def _share(number: int, size: int) -> Share | None:
    if not size:
        return None
    low, high = proportion.proportion_confint(number, size, method="wilson")
    return Share(number / size, float(low), float(high))


def line(name: str, outcome: Outcome) -> str:
    """Makes a row of a Markdown table.

    Returns:
      Such as `| wide: honest | 8.1 | - | 0.20 (0.05 to 0.72) | - | - | 0.05 (...) |`:
      unchecked of eligible sales, the same of the planted, chains with a false review,
      power, false among reviews, honest periods beyond the limits; all in percent.
    """
    rate, planted_rate, *others = shares(outcome).values()
    cells = [
        name,
        *(f"{100.0 * one.value:.1f}" if one else "-" for one in (rate, planted_rate)),
        *(str(one) if one else "-" for one in others),
    ]
    return f"| {' | '.join(cells)} |"
