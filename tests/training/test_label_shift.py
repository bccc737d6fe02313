"""A model that expects the wrong ages, and what is left of that after correction."""

import keras
import numpy as np
import pytest

from training import label_shift

_AGES = np.arange(101.0)


@pytest.fixture(scope="module")
def shifted_people():
    """Young people, as seen by a model that was shown old ones."""
    rng = np.random.default_rng(3)
    young = np.exp(-np.square((_AGES - 25) / 15) / 2)
    old = np.exp(-np.square((_AGES - 55) / 20) / 2)
    ages_years = rng.choice(_AGES, 1500, p=young / young.sum())
    seen_years = ages_years + rng.normal(0, 8, len(ages_years))
    likelihoods = np.exp(-np.square((seen_years[:, None] - _AGES) / 8) / 2)
    posteriors = likelihoods * old
    said = (posteriors / posteriors.sum(axis=1, keepdims=True)).astype(np.float32)
    exact = likelihoods * young
    exact /= exact.sum(axis=1, keepdims=True)
    return said, exact, ages_years, old / old.sum(), young / young.sum()


@pytest.fixture(scope="module")
def log_odds(shifted_people):
    """The correction that these people call for."""
    said, _, ages_years, _, _ = shifted_people
    return label_shift.fit(said, ages_years, np.ones(len(ages_years)), 0.3)


def test_a_correction_is_nearly_as_good_as_knowing_the_right_prior(
    shifted_people, log_odds
):
    said, exact, ages_years, _, _ = shifted_people

    corrected = label_shift.applied(said, log_odds) @ _AGES

    before = np.abs(said @ _AGES - ages_years).mean()
    best = np.abs(exact @ _AGES - ages_years).mean()
    after = np.abs(corrected - ages_years).mean()
    assert best + 0.3 < before
    assert after == pytest.approx(best, abs=0.05)
    assert np.mean(said @ _AGES - ages_years) > 3
    assert np.mean(corrected - ages_years) == pytest.approx(0, abs=0.3)


def test_the_ages_expected_afterwards_are_those_of_the_people(shifted_people, log_odds):
    _, _, _, old, young = shifted_people

    expected = label_shift.shifted(old, log_odds)

    assert expected.sum() == pytest.approx(1)
    assert np.abs(old - young).sum() / 2 > 0.6
    assert np.abs(expected - young).sum() / 2 < 0.1


def test_people_without_weight_do_not_count(shifted_people, log_odds):
    said, _, ages_years, _, _ = shifted_people
    wrong = np.concatenate([ages_years, 90 - ages_years])

    found = label_shift.fit(
        np.concatenate([said, said]), wrong, np.repeat([1.0, 0.0], len(said)), 0.3
    )

    np.testing.assert_allclose(found, log_odds, atol=0.02)


def test_a_corrected_model_says_what_was_fitted(log_odds):
    features = keras.Input((4,))
    ages = keras.layers.Dense(101, activation="softmax", name="ages")
    model = keras.Model(features, ages(features))
    values = np.random.default_rng(0).normal(size=(5, 4)).astype(np.float32)
    before = np.asarray(model.predict(values, verbose=0))

    label_shift.correct(model, log_odds)

    after = np.asarray(model.predict(values, verbose=0))
    np.testing.assert_allclose(
        after, label_shift.applied(before, log_odds), rtol=1e-4, atol=1e-7
    )
    assert np.abs(after - before).max() > 0.001


def test_a_correction_can_be_read():
    log_odds = np.interp(_AGES, (0, 100), (0.5, -0.5))

    said = label_shift.in_words(log_odds)

    assert said.startswith("0: +0.50, 6: +0.44,")
    assert said.endswith("100: -0.50")
