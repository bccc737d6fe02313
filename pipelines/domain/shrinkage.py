"""Empirical-Bayes shrinkage of rates: how far to trust a small group's own.

Rates of groups are taken to vary as a Beta distribution round a rate `m`. Its
intraclass correlation rho = 1 / (a + b + 1) is found by moments: 0 where groups differ
no more than chance makes them, so that nothing is left of a group's own rate; near 1
where each stands for itself. A group's own rate then has the weight
n rho / (n rho + 1 - rho), the Beta posterior's.
"""

import dataclasses

import numpy as np
import numpy.typing as npt
from scipy import special

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# Below, a Beta prior is a point for any number of sales a cashier can make; above,
# it would put most groups at rates of 0 and 1.
_MIN_CORRELATION, _MAX_CORRELATION = 1e-6, 0.5


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Posterior:
    """Beta(a, b) of each rate after its sales were seen; shape `(rates,)`."""

    a: Floats
    b: Floats

    @property
    def mean(self) -> Floats:
        """Shrunk rates, 0 to 1."""
        return self.a / (self.a + self.b)

    def probability_above(self, rate: Floats) -> Floats:
        """Computes P(rate of the group > `rate`); 0 where `rate` is 1 or more."""
        return special.betaincc(self.a, self.b, np.clip(rate, 0.0, 1.0))


def shrink(
    events: npt.ArrayLike,
    trials: npt.ArrayLike,
    toward: npt.ArrayLike,
    correlation: float,
) -> Floats:
    """Pulls rates towards others, the more the fewer trials they rest on.

    Args:
      events: Of each group, 0 to `trials`.
      trials: Of each group, from 0.
      toward: Rate to which a group without trials is set, 0 to 1.
      correlation: Intraclass correlation rho, 0 to below 1.

    Returns:
      Rates, 0 to 1.
    """
    prior = 1.0 - correlation
    own = correlation * np.asarray(events, np.float64)
    size = correlation * np.asarray(trials, np.float64)
    return (own + prior * np.asarray(toward, np.float64)) / (size + prior)


def correlation_within(events: Ints, trials: Ints, parent: Ints) -> float:
    """Measures how alike the trials of one group are, among groups of one parent.

    The analysis-of-variance estimator (Donner 1986; Ridout, Demetrio and Firth 1999),
    nested: groups are compared with their parent's rate.

    Args:
      events: Of each group.
      trials: Of each group.
      parent: Index of the parent of each group, from 0.

    Returns:
      Intraclass correlation, 0 to 0.5; 0 where no parent has two groups.
    """
    held = trials > 0
    events, trials, parent = events[held], trials[held], parent[held]
    num_trials = np.bincount(parent, trials)
    degrees = len(trials) - np.count_nonzero(num_trials)
    remaining = trials.sum() - len(trials)
    if degrees == 0 or remaining == 0:
        return 0.0
    rate = events / trials
    of_parent = np.bincount(parent, events)[parent] / num_trials[parent]
    between = (trials * (rate - of_parent) ** 2).sum() / degrees
    within = (trials * rate * (1.0 - rate)).sum() / remaining
    size = (trials.sum() - (trials**2 / num_trials[parent]).sum()) / degrees
    total = between + (size - 1.0) * within
    found = (between - within) / total if total > 0.0 else 0.0
    return float(np.clip(found, 0.0, _MAX_CORRELATION))


def correlation_round(events: Ints, trials: Ints, rates: Floats) -> float:
    """Measures how alike the trials of one group are, round rates known beforehand.

    By moments: E(O - E)^2 = n m (1 - m) (1 + (n - 1) rho).

    Args:
      events: O of each group.
      trials: n of each group.
      rates: m of each group, above 0 and below 1.

    Returns:
      Intraclass correlation, 0 to 0.5; 0 where no group has two trials.
    """
    chance = trials * rates * (1.0 - rates)
    pairs = ((trials - 1) * chance).sum()
    if pairs <= 0.0:
        return 0.0
    excess = ((events - trials * rates) ** 2 - chance).sum()
    return float(np.clip(excess / pairs, 0.0, _MAX_CORRELATION))


def posterior(
    events: Ints, trials: Ints, rates: Floats, correlation: float
) -> Posterior:
    """Combines what is expected of each group with what was seen.

    Args:
      events: Of each group.
      trials: Of each group.
      rates: Prior mean of each group, above 0 and below 1.
      correlation: Intraclass correlation.

    Returns:
      Beta posteriors, one a group.
    """
    rho = max(correlation, _MIN_CORRELATION)
    size = (1.0 - rho) / rho
    return Posterior(a=size * rates + events, b=size * (1.0 - rates) + trials - events)
