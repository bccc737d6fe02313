"""Tests of `pipelines.domain.age_prior`, on people whose ages are known."""

import numpy as np
import pytest

from pipelines.domain import age_prior, ages

AGES = np.arange(101)
SIGMA_YEARS = 7.0


def normalised(values):
    return values / np.sum(values)


TRAINING = normalised(
    np.interp(AGES, [0, 10, 18, 30, 60, 100], [3.0, 1.5, 2.0, 3.0, 0.5, 0.02])
)
BUYERS = normalised(
    np.interp(AGES, [0, 17, 18, 45, 65, 95, 100], [0.0, 0.0, 0.6, 1.3, 1.0, 0.03, 0.0])
)


def seen(true_shares, num_people, seed=0):
    """Draws people, and what a model of TRAINING says of a blurred look at each."""
    rng = np.random.default_rng(seed)
    true_years = rng.choice(AGES, num_people, p=true_shares)
    looks = true_years + rng.normal(0, SIGMA_YEARS, num_people)
    distances = (looks[:, None] - AGES) / SIGMA_YEARS
    return ages.to_weights(TRAINING * np.exp(-(distances**2) / 2) + 1e-12)


def total_variation(first, second):
    return np.abs(first - second).sum() / 2


def test_finds_the_prior_of_people_unlike_the_training_photos():
    weights = seen(BUYERS, 20_000)
    found = age_prior.estimate(weights, TRAINING)
    raw = weights.sum(axis=0) / weights.sum()
    assert found.has_converged
    assert found.num_people == 20_000
    assert found.shares.sum() == pytest.approx(1)
    assert raw[:18].sum() > 0.03
    assert found.shares[:18].sum() < 0.01
    assert total_variation(raw, BUYERS) > 0.06
    assert total_variation(found.shares, BUYERS) < 0.04


def test_knots_keep_the_noise_down_that_single_years_amplify():
    weights = seen(BUYERS, 2_000)
    single_years = age_prior.EmSettings(knots_years=tuple(range(101)), pseudo_people=0)
    errors = [
        total_variation(age_prior.estimate(weights, TRAINING, settings).shares, BUYERS)
        for settings in (age_prior.EmSettings(), single_years)
    ]
    assert errors[0] < errors[1] / 2


def test_people_like_the_training_photos_keep_their_prior():
    found = age_prior.estimate(seen(TRAINING, 20_000), TRAINING)
    assert total_variation(found.shares, TRAINING) < 0.08


def test_no_other_mixture_is_likelier():
    weights, rng = seen(BUYERS, 500), np.random.default_rng(1)
    settings = age_prior.EmSettings(pseudo_people=0, max_gap=0.01)

    def log_likelihood(shares):
        return np.log(weights / 65_535 @ (shares / TRAINING)).sum()

    found = age_prior.estimate(weights, TRAINING, settings)
    knots = np.array(settings.knots_years)
    others = rng.dirichlet(np.ones(len(knots)), 200)
    best = log_likelihood(found.shares)
    for heights in others:
        other = normalised(np.interp(AGES, knots, heights))
        mixed = 0.99 * found.shares + 0.01 * other
        assert log_likelihood(other) < best
        assert log_likelihood(mixed) < best + settings.max_gap


def test_says_when_it_did_not_converge():
    found = age_prior.estimate(
        seen(BUYERS, 500), TRAINING, age_prior.EmSettings(max_iterations=1)
    )
    assert not found.has_converged
    assert found.gap > 0.1
    assert found.num_iterations == 1


def test_without_people_nothing_converges():
    found = age_prior.estimate(np.zeros((0, 101), np.uint16), TRAINING)
    assert not found.has_converged
    assert found.num_people == 0
    assert found.shares.sum() == pytest.approx(1)


def test_an_age_that_was_never_trained_gets_no_weight():
    training = np.where(AGES < 10, 0.0, TRAINING)
    found = age_prior.estimate(seen(BUYERS, 500), training)
    assert found.has_converged
    assert np.isfinite(found.shares).all()
    again = age_prior.reweighted(seen(BUYERS, 5), training, found.shares)
    assert (again[:, :10] == 0).all()


def test_reweighted_follows_bayes():
    weights = seen(BUYERS, 50)
    found = age_prior.reweighted(weights, TRAINING, BUYERS)
    for row, result in zip(weights, found, strict=True):
        products = [row[a] * BUYERS[a] / TRAINING[a] for a in range(101)]
        assert result == pytest.approx(np.array(products) / sum(products))
    same = age_prior.reweighted(weights, TRAINING, TRAINING)
    assert same == pytest.approx(weights / 65_535)


def test_a_row_that_the_prior_rules_out_becomes_the_prior():
    certain = np.zeros((1, 101), np.uint16)
    certain[0, 5] = 65_535
    assert age_prior.reweighted(certain, TRAINING, BUYERS)[0] == pytest.approx(BUYERS)


def test_the_same_people_in_any_order_give_the_same_prior():
    weights = seen(BUYERS, 300)
    first = age_prior.estimate(weights, TRAINING).shares
    assert age_prior.estimate(weights[::-1], TRAINING).shares == pytest.approx(first)


@pytest.mark.parametrize(
    "settings",
    [{"knots_years": (0, 50)}, {"knots_years": (0, 60, 50, 100)}, {"max_gap": 0.0}],
)
def test_settings_are_checked(settings):
    with pytest.raises(ValueError, match="Received"):
        age_prior.EmSettings(**settings)


@pytest.mark.parametrize("shares", [np.ones(100), np.zeros(101), -np.ones(101)])
def test_training_shares_are_checked(shares):
    with pytest.raises(ValueError, match="training_shares"):
        age_prior.estimate(seen(BUYERS, 3), shares)


def test_weights_are_checked():
    with pytest.raises(ValueError, match="weights"):
        age_prior.estimate(np.zeros((3, 100), np.uint16), TRAINING)
