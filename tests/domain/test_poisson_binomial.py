import itertools

import numpy as np
import pytest
from scipy import stats

from pipelines.domain import poisson_binomial


def one_group(number, rate):
    group = np.zeros(len(number), np.int64)
    return poisson_binomial.Trials(group, np.array(number), np.array(rate, float))


def brute_force(number, rate):
    singles = np.repeat(rate, number)
    result = np.zeros(len(singles) + 1)
    for outcome in itertools.product([0, 1], repeat=len(singles)):
        hit = np.array(outcome, bool)
        result[hit.sum()] += singles[hit].prod() * (1.0 - singles[~hit]).prod()
    return result


@pytest.mark.parametrize(
    ("number", "rate"),
    [
        ([1], [0.3]),
        ([3, 2], [0.1, 0.7]),
        ([1, 1, 1, 1], [0.01, 0.2, 0.5, 0.99]),
        ([4, 3, 2], [0.05, 0.06, 0.3]),
    ],
)
def test_distribution_and_tail_equal_brute_force(number, rate):
    (found,) = poisson_binomial.distributions(one_group(number, rate))
    expected = brute_force(number, rate)
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    for events in range(len(expected)):
        tail = poisson_binomial.upper_tail(found, events)
        assert tail == pytest.approx(expected[events:].sum(), rel=1e-12)


def test_far_tails_agree_with_scipy_in_relative_terms():
    number, rate = [120, 80, 100], [0.05, 0.1, 0.2]
    (found,) = poisson_binomial.distributions(one_group(number, rate))
    singles = stats.poisson_binom(np.repeat(rate, number))
    events = np.arange(150)
    np.testing.assert_allclose(found[events], singles.pmf(events), rtol=1e-9)
    assert found[149] < 1e-50


def test_groups_do_not_touch_each_other():
    number, rate = np.array([5, 9, 4]), np.array([0.1, 0.2, 0.3])
    both = poisson_binomial.Trials(np.array([0, 1, 1]), number, rate)
    alone = [one_group(number[:1], rate[:1]), one_group(number[1:], rate[1:])]
    found = poisson_binomial.distributions(both)
    for one, trials in zip(found, alone, strict=True):
        (expected,) = poisson_binomial.distributions(trials)
        np.testing.assert_allclose(one, expected)
    events = np.array([2, 6])
    low, high = poisson_binomial.mean_intervals(events, both, 0.9)
    for place, trials in enumerate(alone):
        one = events[place : place + 1]
        expected = poisson_binomial.mean_intervals(one, trials, 0.9)
        assert (low[place], high[place]) == pytest.approx(np.ravel(expected))


@pytest.mark.parametrize("level", [0.9, 0.95, 0.999])
def test_limits_are_the_narrowest_that_hold(level):
    (found,) = poisson_binomial.distributions(one_group([40, 60], [0.1, 0.3]))
    low, high = poisson_binomial.limits(found, level)
    tail = 1.0 - level
    assert found[:low].sum() <= tail < found[: low + 1].sum()
    assert found[high + 1 :].sum() <= tail < found[high:].sum()


@pytest.mark.parametrize("events", [0, 1, 17, 59, 60])
@pytest.mark.parametrize("confidence", [0.9, 0.99])
def test_equal_probabilities_give_clopper_and_pearson(events, confidence):
    trials = one_group([20, 40], [0.02, 0.02])
    found = poisson_binomial.mean_intervals(np.array([events]), trials, confidence)
    exact = stats.binomtest(events, 60).proportion_ci(confidence, method="exact")
    assert np.ravel(found) == pytest.approx([60 * exact.low, 60 * exact.high])


def test_interval_holds_far_from_the_expected():
    trials = one_group([20_000], [0.001])
    found = poisson_binomial.mean_intervals(np.array([15_000]), trials, 0.9)
    exact = stats.binomtest(15_000, 20_000).proportion_ci(0.9, method="exact")
    assert np.ravel(found) == pytest.approx([20_000 * exact.low, 20_000 * exact.high])


def test_interval_leaves_half_of_the_rest_on_either_side():
    trials = one_group([30, 50, 20], [0.05, 0.2, 0.6])
    events = np.array([28])
    low, high = poisson_binomial.mean_intervals(events, trials, 0.9)
    for wanted, tail in (
        (low, lambda p: p[28:].sum()),
        (high, lambda p: p[:29].sum()),
    ):
        shift = _shift_to(trials, wanted)
        (at_end,) = poisson_binomial.distributions(trials.at_odds(shift))
        assert tail(at_end) == pytest.approx(0.05, rel=1e-5)


def _shift_to(trials, mean):
    shifts = np.linspace(-3.0, 3.0, 6_001)
    means = [trials.at_odds(np.array([shift])).means()[0] for shift in shifts]
    return np.interp(mean, means, shifts)
