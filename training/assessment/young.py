"""Figures about young people: probabilities that the audit uses, and challenge ages."""

import dataclasses
import itertools
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from training import evaluation

MINORS_YEARS = (13, 18)
"""Age of the minors whom tills meet, the upper end not included."""

_BIN_EDGES = (0.0, 0.02, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.98, 1.0)
_RESAMPLES = 10_000
_SEED = 0

Floats = npt.NDArray[np.float64]


@dataclasses.dataclass(frozen=True, kw_only=True)
class ReliabilityBin:
    """People of whom much the same was said; shares 0 to 1.

    Attributes:
      said_from: Least probability of the bin.
      said_to: Largest; not included, but in the last bin.
      photos: How many.
      mean_said: Mean probability.
      observed: Share of whom it was true.
      observed_low: Lower end of its exact 95 % interval.
      observed_high: Upper end.
    """

    said_from: float
    said_to: float
    photos: int
    mean_said: float
    observed: float
    observed_low: float
    observed_high: float


@dataclasses.dataclass(frozen=True, kw_only=True)
class ChallengeRate:
    """Who passes at a till that asks all who look younger than the challenge age.

    Attributes:
      challenge_age_years: The till asks below it.
      photos: Minors of 13 to 17.
      false_positive_rate: Share of them who are estimated at that age or older.
      false_positive_rate_low: Lower end of its 95 % bootstrap interval.
      false_positive_rate_high: Upper end.
      adults_asked: Share of adults of 25 and older who are estimated below it; NaN
        where there are none.
    """

    challenge_age_years: int
    photos: int
    false_positive_rate: float
    false_positive_rate_low: float
    false_positive_rate_high: float
    adults_asked: float


def brier(said: Floats, is_true: npt.NDArray[np.bool_], weights: Floats) -> float:
    """Computes the mean squared error of probabilities; NaN for nobody."""
    if not weights.sum() > 0:
        return float("nan")
    return float(np.average(np.square(said - is_true), weights=weights))


def reliability(said: Floats, is_true: npt.NDArray[np.bool_]) -> list[ReliabilityBin]:
    """Compares probabilities with what came true.

    Args:
      said: Probabilities, shape `(n,)`.
      is_true: Of the same people.

    Returns:
      Bins that hold anybody, ascending; each person counts alike.
    """
    bins = np.searchsorted(_BIN_EDGES[1:-1], said, side="right")
    return [
        _bin(low, high, said[bins == number], is_true[bins == number])
        for number, (low, high) in enumerate(itertools.pairwise(_BIN_EDGES))
        if (bins == number).any()
    ]


def _bin(
    low: float, high: float, said: Floats, is_true: npt.NDArray[np.bool_]
) -> ReliabilityBin:
    observed_low, observed_high = evaluation.share_interval(is_true.sum(), len(said))
    return ReliabilityBin(
        said_from=low,
        said_to=high,
        photos=len(said),
        mean_said=float(said.mean()),
        observed=float(is_true.mean()),
        observed_low=observed_low,
        observed_high=observed_high,
    )


def challenge_rates(
    ages_years: Floats, estimated_years: Floats, challenge_ages_years: Sequence[int]
) -> list[ChallengeRate]:
    """Computes false positive rates of minors, as NIST IR 8525 reports them.

    Args:
      ages_years: Real ages, shape `(n,)`.
      estimated_years: Of the same people.
      challenge_ages_years: Whole years.

    Returns:
      One a challenge age; none where there is no minor of 13 to 17.
    """
    youngest, adult = MINORS_YEARS
    minors = estimated_years[(ages_years >= youngest) & (ages_years < adult)]
    adults = estimated_years[ages_years >= 25]
    if not len(minors):
        return []
    return [_rate(minors, adults, challenge) for challenge in challenge_ages_years]


def _rate(minors: Floats, adults: Floats, challenge_years: int) -> ChallengeRate:
    rate = float((minors >= challenge_years).mean())
    low, high = bootstrap_interval(rate, len(minors))
    return ChallengeRate(
        challenge_age_years=challenge_years,
        photos=len(minors),
        false_positive_rate=rate,
        false_positive_rate_low=low,
        false_positive_rate_high=high,
        adults_asked=(
            float((adults < challenge_years).mean()) if len(adults) else float("nan")
        ),
    )


def bootstrap_interval(share: float, count: int) -> tuple[float, float]:
    """Bootstraps the 95 % interval of a share.

    To draw `count` people with replacement, of whom `share` are hits, is to draw a
    binomial number.
    """
    rng = np.random.default_rng(_SEED)
    drawn = rng.binomial(count, share, _RESAMPLES) / count
    low, high = np.quantile(drawn, (0.025, 0.975))
    return float(low), float(high)
