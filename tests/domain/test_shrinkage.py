import numpy as np
import pytest
from scipy import stats

from pipelines.domain import shrinkage


def beta_binomial(correlation, rate, trials, seed):
    rng = np.random.default_rng(seed)
    size = (1.0 - correlation) / correlation
    rates = rng.beta(size * rate, size * (1.0 - rate), len(trials))
    return rng.binomial(trials, rates)


TRIALS = np.random.default_rng(0).integers(20, 400, 2_000)


@pytest.mark.parametrize("correlation", [0.005, 0.05, 0.2])
@pytest.mark.parametrize("rate", [0.05, 0.4])
def test_moments_find_the_correlation_of_beta_rates(correlation, rate):
    events = beta_binomial(correlation, rate, TRIALS, 1)
    parent = np.zeros(len(TRIALS), np.int64)
    nested = shrinkage.correlation_within(events, TRIALS, parent)
    known = shrinkage.correlation_round(events, TRIALS, np.full(len(TRIALS), rate))
    assert nested == pytest.approx(correlation, rel=0.15)
    assert known == pytest.approx(correlation, rel=0.15)


def test_groups_are_compared_within_their_parents():
    parent = np.arange(len(TRIALS)) % 20
    rates = np.linspace(0.05, 0.5, 20)[parent]
    events = np.random.default_rng(2).binomial(TRIALS, rates)
    assert shrinkage.correlation_within(events, TRIALS, parent) < 0.001
    together = np.zeros(len(TRIALS), np.int64)
    assert shrinkage.correlation_within(events, TRIALS, together) > 0.05


@pytest.mark.parametrize(
    ("events", "trials", "parent"),
    [
        ([], [], []),
        ([3], [10], [0]),
        ([3, 9], [10, 10], [0, 1]),
        ([0, 1], [1, 1], [0, 0]),
        ([0, 0], [10, 0], [0, 0]),
        ([0, 0], [10, 10], [0, 0]),
    ],
)
def test_too_little_to_compare_is_no_correlation(events, trials, parent):
    arrays = (np.array(values, np.int64) for values in (events, trials, parent))
    assert shrinkage.correlation_within(*arrays) == 0.0


def test_without_pairs_there_is_no_correlation():
    assert shrinkage.correlation_round(np.array([1]), np.array([1]), 0.5) == 0.0


def test_shrunk_rate_is_the_mean_of_the_beta_posterior():
    correlation, rate = 0.04, 0.1
    size = (1.0 - correlation) / correlation
    events, trials = np.array([0, 5, 30]), np.array([0, 20, 60])
    expected = (size * rate + events) / (size + trials)
    found = shrinkage.shrink(events, trials, rate, correlation)
    np.testing.assert_allclose(found, expected)
    rates = np.full(3, rate)
    posterior = shrinkage.posterior(events, trials, rates, correlation)
    np.testing.assert_allclose(posterior.mean, expected)


def test_equal_groups_are_pooled_and_a_group_without_trials_takes_the_prior():
    assert shrinkage.shrink(9, 10, 0.25, 0.0) == 0.25
    assert shrinkage.shrink(0, 0, 0.25, 0.5) == 0.25


def test_probability_above_is_the_beta_tail():
    posterior = shrinkage.Posterior(a=np.array([3.0, 3.0]), b=np.array([7.0, 7.0]))
    found = posterior.probability_above(np.array([0.4, 1.5]))
    assert found == pytest.approx([stats.beta.sf(0.4, 3.0, 7.0), 0.0])
