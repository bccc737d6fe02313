import math

import numpy as np
import pytest

from training.assessment import young


def test_brier_score_is_the_weighted_squared_difference():
    said, is_true = np.array([0.9, 0.2]), np.array([True, False])

    assert young.brier(said, is_true, np.ones(2)) == pytest.approx(0.025)
    assert young.brier(said, is_true, np.array([1.0, 0])) == pytest.approx(0.01)
    assert math.isnan(young.brier(said, is_true, np.zeros(2)))


def test_reliability_bins_hold_each_person_once():
    said = np.array([0.0, 0.01, 0.02, 0.45, 0.47, 1.0])
    is_true = np.array([False, False, True, True, False, True])

    found = young.reliability(said, is_true)

    assert [(row.said_from, row.photos, row.observed) for row in found] == [
        (0.0, 2, 0.0),
        (0.02, 1, 1.0),
        (0.4, 2, 0.5),
        (0.98, 1, 1.0),
    ]
    assert found[2].mean_said == pytest.approx(0.46)
    assert found[2].observed_low < 0.5 < found[2].observed_high


def test_false_positives_are_minors_of_13_to_17_at_the_challenge_age_or_above():
    real = np.array([12.0, 13.0, 15.0, 17.9, 17.0, 18.0, 25.0, 40.0])
    estimated = np.array([60.0, 25.0, 24.9, 30.0, 10.0, 60.0, 24.0, 41.0])

    [at_25, at_30] = young.challenge_rates(real, estimated, (25, 30))

    assert (at_25.photos, at_25.false_positive_rate) == (4, 0.5)
    assert (at_30.false_positive_rate, at_30.adults_asked) == (0.25, 0.5)


def test_without_minors_there_is_no_rate():
    assert young.challenge_rates(np.array([30.0]), np.array([30.0]), (25,)) == []


def test_without_adults_nobody_can_be_asked_needlessly():
    [found] = young.challenge_rates(np.array([15.0]), np.array([30.0]), (25,))

    assert math.isnan(found.adults_asked)


def test_bootstrap_interval_is_that_of_resampled_people():
    people = np.array([1.0] * 12 + [0.0] * 48)
    rng = np.random.default_rng(3)
    means = rng.choice(people, (4000, 60)).mean(axis=1)

    found = young.bootstrap_interval(0.2, 60)

    assert found == pytest.approx(np.quantile(means, (0.025, 0.975)), abs=0.02)
    assert found == young.bootstrap_interval(0.2, 60)
