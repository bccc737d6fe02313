"""Observed against expected unchecked sales, cashier by cashier."""

import dataclasses

import numpy as np
import numpy.typing as npt
from scipy import stats

from pipelines.domain import funnel, peers, poisson_binomial, review_rules, shrinkage

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

_CHANCE = (
    "p_value",
    "inner_low",
    "inner_high",
    "outer_low",
    "outer_high",
    "mean_low",
    "mean_high",
)
"""What chance alone does to a cashier; all but the first in unchecked sales."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Figures by cashier, shape `(cashiers,)`; columns of `schemas.cashier_audit`.

    NaN: without eligible sales; in `q_value` also where it is not judged.
    """

    expected_unchecked: Floats
    ratio: Floats
    ratio_low: Floats
    ratio_high: Floats
    p_value: Floats
    q_value: Floats
    overdispersion: Floats
    inner_low: Floats
    inner_high: Floats
    outer_low: Floats
    outer_high: Floats
    shrunk_rate: Floats
    probability_of_excess: Floats
    peer_sales: Ints
    peer_uncertainty: Floats
    sales_for_power: Floats
    is_judged: Bools
    is_beyond: Bools

    def columns(self) -> dict[str, npt.NDArray]:
        """Gives each by its name."""
        return {
            field.name: getattr(self, field.name) for field in dataclasses.fields(self)
        }


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class _Sums:
    """Sums of the tallies of each cashier; NaN expected: no eligible sales."""

    eligible: Ints
    unchecked: Ints
    expected: Floats
    variance: Floats


def compare(
    tallies: peers.Tallies, peer: peers.Expectation, rules: review_rules.ReviewRules
) -> Figures:
    """Compares each cashier with what the peers lead to expect.

    Args:
      tallies: Eligible sales.
      peer: Expectation for these tallies.
      rules: Thresholds.

    Returns:
      Figures of all cashiers.
    """
    sums = _sum(tallies, peer)
    chance = _by_chance(tallies, peer, sums, rules)
    is_judged = _is_judged(sums, peer, rules)
    q_value = _q_values(chance["p_value"], is_judged)
    phi = _overdispersion(sums, peer, is_judged, rules)
    # What is expected is itself estimated; from few peers, not well.
    factor = np.sqrt(phi * (1.0 + peer.uncertainty))
    inner = _limits(chance["inner_low"], chance["inner_high"], sums, factor)
    outer = _limits(chance["outer_low"], chance["outer_high"], sums, factor)
    ratio = sums.unchecked / sums.expected
    return Figures(
        expected_unchecked=sums.expected,
        ratio=ratio,
        ratio_low=chance["mean_low"] / sums.expected,
        ratio_high=chance["mean_high"] / sums.expected,
        p_value=chance["p_value"],
        q_value=q_value,
        overdispersion=phi,
        inner_low=inner.low,
        inner_high=inner.high,
        outer_low=outer.low,
        outer_high=outer.high,
        peer_sales=peer.peer_sales,
        peer_uncertainty=peer.uncertainty,
        is_judged=is_judged,
        is_beyond=is_judged & (q_value < rules.max_q) & (ratio > outer.high),
        **_posterior(sums, rules),
        sales_for_power=_sales_for_power(sums, rules),
    )


def _sum(tallies: peers.Tallies, peer: peers.Expectation) -> _Sums:

    def by_cashier(values: npt.NDArray) -> Floats:
        sums = np.bincount(tallies.cashier, values, tallies.num_cashiers)
        return sums.astype(np.float64)

    eligible = by_cashier(tallies.eligible)
    expected = by_cashier(tallies.eligible * peer.rates)
    variance = by_cashier(tallies.eligible * peer.rates * (1.0 - peer.rates))
    return _Sums(
        eligible=eligible.astype(np.int64),
        unchecked=by_cashier(tallies.unchecked).astype(np.int64),
        expected=np.where(eligible > 0, expected, np.nan),
        variance=variance,
    )


def _is_judged(
    sums: _Sums, peer: peers.Expectation, rules: review_rules.ReviewRules
) -> Bools:
    return (
        (sums.eligible >= max(rules.min_eligible_sales, 1))
        & (sums.expected >= rules.min_expected)
        & (peer.uncertainty <= rules.max_peer_uncertainty)
    )


def _by_chance(
    tallies: peers.Tallies,
    peer: peers.Expectation,
    sums: _Sums,
    rules: review_rules.ReviewRules,
) -> dict[str, Floats]:
    """Computes the distribution of each cashier's number, and what `_CHANCE` names."""
    held = np.flatnonzero(tallies.eligible > 0)
    held = held[np.argsort(tallies.cashier[held], kind="stable")]
    cashiers, group = np.unique(tallies.cashier[held], return_inverse=True)
    result = {name: np.full(tallies.num_cashiers, np.nan) for name in _CHANCE}
    if len(cashiers):
        trials = poisson_binomial.Trials(
            group, tallies.eligible[held], peer.rates[held]
        )
        found = _chance(sums.unchecked[cashiers], trials, rules)
        for name, values in zip(_CHANCE, found, strict=True):
            result[name][cashiers] = values
    return result


def _chance(
    num_events: Ints, trials: poisson_binomial.Trials, rules: review_rules.ReviewRules
) -> list[Floats]:
    tails = np.array(
        [
            (
                poisson_binomial.upper_tail(distribution, number),
                *poisson_binomial.limits(distribution, rules.inner_level),
                *poisson_binomial.limits(distribution, rules.outer_level),
            )
            for distribution, number in zip(
                poisson_binomial.distributions(trials), num_events.tolist(), strict=True
            )
        ]
    )
    means = poisson_binomial.mean_intervals(num_events, trials, rules.confidence)
    return [*tails.T, *means]


def _q_values(p_values: Floats, is_judged: Bools) -> Floats:
    result = np.full(len(p_values), np.nan)
    result[is_judged] = stats.false_discovery_control(p_values[is_judged])
    return result


def _overdispersion(
    sums: _Sums,
    peer: peers.Expectation,
    is_judged: Bools,
    rules: review_rules.ReviewRules,
) -> Floats:
    """Measures how the others scatter beyond chance and uncertain peers, by cashier.

    In a small chain one cashier who never checks would widen the limits for all: by an
    own excess, and by making the colleagues look better than expected. So a cashier is
    left out of both.
    """
    pairs = peer.pairs
    with np.errstate(invalid="ignore"):
        spread = np.sqrt(sums.variance * (1.0 + peer.uncertainty))
        z = (sums.unchecked - sums.expected) / spread
        deviation = sums.unchecked[pairs.cashier] - pairs.expected
        z_of_pairs = deviation / np.sqrt(pairs.variance)
    result = np.full(len(z), np.nan)
    bounds = np.searchsorted(pairs.left_out, np.arange(len(z) + 1))
    for cashier in np.flatnonzero(sums.eligible > 0):
        own = slice(bounds[cashier], bounds[cashier + 1])
        without = z.copy()
        without[pairs.cashier[own]] = z_of_pairs[own]
        is_other = is_judged.copy()
        is_other[cashier] = False
        result[cashier] = funnel.overdispersion(
            without[is_other], rules.winsorised_fraction
        )
    return result


def _limits(low: Floats, high: Floats, sums: _Sums, factor: Floats) -> funnel.Limits:
    limits = funnel.Limits(low=low / sums.expected, high=high / sums.expected)
    return limits.widened(factor)


def _posterior(sums: _Sums, rules: review_rules.ReviewRules) -> dict[str, Floats]:
    """Shrinks each cashier's rate towards the rate expected of the same sales.

    Not towards the chain's: cashiers of a store where few buyers are checked would
    all seem to exceed it.
    """
    result = {
        name: np.full(len(sums.eligible), np.nan)
        for name in ("shrunk_rate", "probability_of_excess")
    }
    held = sums.eligible > 0
    counts = sums.unchecked[held], sums.eligible[held]
    rates = sums.expected[held] / sums.eligible[held]
    correlation = shrinkage.correlation_round(*counts, rates)
    posterior = shrinkage.posterior(*counts, rates, correlation)
    result["shrunk_rate"][held] = posterior.mean
    result["probability_of_excess"][held] = posterior.probability_above(
        rules.excess_ratio * rates
    )
    return result


def _sales_for_power(sums: _Sums, rules: review_rules.ReviewRules) -> Floats:
    held = sums.eligible > 0
    # Two digits are enough, and few rates differ in them.
    rates = [float(f"{rate:.2g}") for rate in sums.expected[held] / sums.eligible[held]]
    distinct, place = np.unique(rates, return_inverse=True)
    numbers = [
        funnel.sales_for_power(rate, rules.power_ratio, rules.outer_level, rules.power)
        for rate in distinct.tolist()
    ]
    result = np.full(len(held), np.nan)
    result[held] = np.where(np.equal(numbers, 0), np.nan, numbers)[place]
    return result
