import numpy as np
import pytest

from pipelines.domain import ages
from training import calibrate, losses


def _predicted(count=2000, sigma=5.0, error=5.0, seed=0, weights=None):
    """People whose true age lies about a normal prediction."""
    rng = np.random.default_rng(seed)
    true = rng.uniform(15, 85, count).round()
    guessed = true + rng.normal(0, error, count)
    return calibrate.Predicted(
        probabilities=losses.label_distributions(guessed, sigma),
        ages_years=true,
        weights=np.ones(count) if weights is None else weights,
        child_weights=np.ones(count),
    )


@pytest.mark.parametrize(("sigma", "error"), [(5, 5), (4, 8), (8, 4)])
def test_temperature_brings_the_spread_to_the_error(sigma, error):
    found = calibrate.fit_temperature(_predicted(sigma=sigma, error=error))

    # A normal distribution of spread s becomes one of spread s * sqrt(t).
    assert sigma * np.sqrt(found) == pytest.approx(error, rel=0.06)


@pytest.mark.parametrize("error", [3.0, 9.0])
def test_intervals_hold_nine_in_ten_new_people(error):
    calibrated = calibrate.calibrate(_predicted(error=error, count=4000))
    fresh = _predicted(error=error, count=4000, seed=1)

    found = ages.estimate(
        ages.to_weights(fresh.probabilities, calibrated.temperature),
        calibrated.for_estimates(),
    )

    is_inside = (found.low_years <= fresh.ages_years) & (
        fresh.ages_years <= found.high_years
    )
    assert is_inside.mean() == pytest.approx(0.9, abs=0.02)
    assert calibrated.conformal.counts[2] > 100


@pytest.mark.parametrize("count", [9, 10, 19, 100, 101])
def test_quantile_is_the_place_that_the_theorem_names(count):
    scores = np.random.default_rng(count).permutation(np.arange(1.0, count + 1))

    place = int(np.ceil((count + 1) * 0.9))

    found = calibrate.conformal_quantile(scores, np.ones(count))
    assert found == min(place, count)


def test_quantile_counts_weights():
    scores = np.array([1.0, 2.0, 3.0, 4.0])

    assert calibrate.conformal_quantile(scores, np.array([1, 97, 1, 1.0])) == 4.0
    assert calibrate.conformal_quantile(scores, np.array([900, 900, 1, 1.0])) == 4.0
    many = np.repeat(scores, 100)
    weights = np.repeat([10.0, 1.0, 0.1, 0.1], 100)
    assert calibrate.conformal_quantile(many, weights) == 2.0


def test_a_thin_group_takes_the_quantile_of_all():
    predicted = _predicted(count=300)
    young = predicted.ages_years < 30
    few = np.where(young, np.cumsum(young) <= 5, True)

    counted = predicted.take(few)
    distributions = ages.to_weights(counted.probabilities)
    conformal = calibrate.fit_intervals(distributions, counted)

    mean, sigma = ages.mean_and_sigma(distributions)
    overall = calibrate.conformal_quantile(
        np.abs(counted.ages_years - mean) / sigma, counted.weights
    )
    assert conformal.counts[1] < 30
    assert conformal.quantiles_90[1] == overall
    assert conformal.quantiles_90[4] != overall


def test_confusion_is_counted_by_true_group():
    true = np.array([20, 20, 30, 50, 70, 70.0])
    guessed = np.array([20, 30, 30, 50, 70, 50.0])
    weights = np.array([3, 1, 1, 1, 1, 1.0])
    predicted = calibrate.Predicted(
        probabilities=losses.label_distributions(guessed, 0.5),
        ages_years=true,
        weights=weights,
        child_weights=weights,
    )

    found = calibrate.fit_confusion(ages.to_weights(predicted.probabilities), predicted)

    assert found.counts == ((1, 0, 0, 0), (1, 1, 0, 0), (0, 0, 1, 1), (0, 0, 0, 1))
    assert found.predicted_given_true == (
        (0.75, 0, 0, 0),
        (0.25, 1, 0, 0),
        (0, 0, 1, 0.5),
        (0, 0, 0, 0.5),
    )


def test_bands_are_counted_by_true_age():
    weights = np.array([3, 1, 1, 1.0])
    predicted = calibrate.Predicted(
        probabilities=losses.label_distributions(np.array([21.4, 27.4, 27.4, 99]), 0.5),
        ages_years=np.array([22, 22, 29, 97.0]),
        weights=weights,
        child_weights=weights,
    )

    found = calibrate.count_bands(ages.to_weights(predicted.probabilities), predicted)

    counts = np.array(found.counts)
    starts = [0, *found.bounds_years]
    places = {(starts[row], starts[column]) for row, column in np.argwhere(counts)}
    assert places == {(21, 22), (27, 22), (27, 29), (95, 95)}
    assert counts.sum() == 4
    shares = [found.weights[starts.index(age)] for age in (22, 29, 95)]
    assert shares == pytest.approx([4 / 6, 1 / 6, 1 / 6], abs=1e-6)


def test_a_group_of_nobody_is_assumed_right():
    predicted = _predicted(count=50)
    adults = predicted.take(predicted.ages_years >= 25)

    found = calibrate.fit_confusion(ages.to_weights(adults.probabilities), adults)

    assert [row[0] for row in found.predicted_given_true] == [1, 0, 0, 0]
    assert [row[0] for row in found.counts] == [0, 0, 0, 0]


def test_people_without_weight_do_not_count():
    is_counted = np.arange(1000) < 500
    predicted = _predicted(count=1000)
    noisy = predicted.probabilities.copy()
    noisy[500:] = 1 / 101
    weights = is_counted.astype(float)
    mixed = calibrate.Predicted(
        probabilities=noisy,
        ages_years=predicted.ages_years,
        weights=weights,
        child_weights=weights,
    )

    found = calibrate.calibrate(mixed)

    assert found == calibrate.calibrate(mixed.take(is_counted))


def test_intervals_of_children_come_from_children():
    children, adults = np.full(100, 5.0), np.full(200, 40.0)
    error = np.concatenate([np.resize([6.0, -4.0], 100), np.resize([9, -9], 200)])
    true = np.concatenate([children, adults])
    predicted = calibrate.Predicted(
        probabilities=losses.label_distributions(true + error, 2),
        ages_years=true,
        weights=(true >= 13).astype(float),
        child_weights=np.ones(300),
    )

    found = calibrate.fit_intervals(ages.to_weights(predicted.probabilities), predicted)

    assert found.counts[0] == 100
    assert found.quantiles_90[0] == pytest.approx(3, abs=0.3)
    assert found.quantiles_90[4] == pytest.approx(4.5, abs=0.1)


def test_refuses_to_calibrate_on_nobody():
    with pytest.raises(ValueError, match="nobody"):
        calibrate.calibrate(_predicted(count=10, weights=np.zeros(10)))


def test_brier_score_weighs_squared_errors():
    said, is_true = np.array([0.8, 0.5]), np.array([True, False])

    assert calibrate.brier(said, is_true, np.array([1, 3.0])) == pytest.approx(
        (0.2**2 + 3 * 0.5**2) / 4
    )


def test_unreliability_is_the_gap_within_each_tenth():
    said = np.array([0.25, 0.25, 0.25, 0.25, 0.95, 1.0])
    is_true = np.array([True, False, False, False, True, False])
    weights = np.array([1, 1, 1, 1, 2, 2.0])

    # The first tenth is right on average; the last says 0.975 and half comes true.
    assert calibrate.unreliability(said, is_true, weights) == pytest.approx(
        4 / 8 * (0.975 - 0.5)
    )


def test_calibrated_probabilities_are_more_reliable():
    predicted = _predicted(sigma=3, error=9, count=4000)
    is_young = predicted.ages_years < 25
    found = {
        temperature: calibrate.unreliability(
            ages.probability_under(
                ages.to_weights(predicted.probabilities, temperature), 25
            ),
            is_young,
            predicted.weights,
        )
        for temperature in (1.0, calibrate.fit_temperature(predicted))
    }

    before, after = found.values()
    assert after < before / 2
