"""Tests of `pipelines.domain.minors`, on simulated weeks with known minors.

Errors are skewed, heavy-tailed and drawn to the middle, with a mean of 5 to 6.5 years.
"""

import numpy as np
import pytest

from pipelines.domain import minors, responses

BOUNDS = (*range(10, 41), 45, 50, 60, 70)
FEW_DRAWS = minors.MinorsSettings(num_draws=100)
ADULTS = np.arange(18, 85)


def predicted(true_years, rng):
    spread = np.interp(true_years, [0, 18, 30, 80], [4.0, 5.5, 7.0, 8.0])
    skewed = (rng.gamma(4.0, size=len(true_years)) - 4.0) / 2.0
    wide = rng.standard_t(3, len(true_years)) * (rng.random(len(true_years)) < 0.06)
    looks = true_years + spread * (skewed + 1.8 * wide)
    return np.clip(38 + 0.93 * (looks - 38), 0, 100)


def calibrated(rng, num_minors=110, num_adults=1_890, bounds=BOUNDS):
    weights = np.interp(ADULTS, [18, 30, 60, 85], [1.4, 2.4, 1.2, 0.3])
    true_years = np.concatenate(
        [
            rng.integers(13, 18, num_minors),
            rng.choice(ADULTS, num_adults, p=weights / weights.sum()),
        ]
    )
    size = len(bounds) + 1
    rows = np.searchsorted(bounds, predicted(true_years, rng), side="right")
    columns = np.searchsorted(bounds, true_years, side="right")
    cells = np.bincount(rows * size + columns, minlength=size * size)
    return responses.Calibration(bounds_years=bounds, counts=cells.reshape(size, size))


def sold(rng, num_sales, share):
    weights = np.interp(ADULTS, [18, 25, 45, 65, 85], [0.6, 1.0, 1.3, 1.0, 0.3])
    true_years = rng.choice(ADULTS, num_sales, p=weights / weights.sum())
    is_minor = rng.random(num_sales) < share
    true_years[is_minor] = rng.choice(
        [14, 15, 16, 17], is_minor.sum(), p=[0.1, 0.2, 0.3, 0.4]
    )
    return predicted(true_years, rng), int(is_minor.sum())


def test_the_simulated_model_errs_as_the_real_one():
    rng = np.random.default_rng(0)
    true_years = rng.choice(ADULTS, 50_000)
    errors = predicted(true_years, rng) - true_years
    assert 5 < np.abs(errors).mean() < 6.5


@pytest.mark.parametrize("share", [0.0, 0.003, 0.03])
def test_intervals_hold_the_truth(share):
    rng = np.random.default_rng(3)
    is_held, is_identified = [], []
    for _ in range(30):
        years, num_minors = sold(rng, 20_000, share)
        found = minors.estimate(years, calibrated(rng), rng, FEW_DRAWS)
        low = found.low_sales if found.is_identified else 0
        is_held.append(low <= num_minors <= found.high_sales)
        is_identified.append(found.is_identified)
        assert found.high_sales < 0.15 * 20_000
    # At 90 % coverage, 23 of 30 or fewer would be one seed in 50.
    assert sum(is_held) >= 24
    assert sum(is_identified) <= (30 if share == 0.03 else 3)


def test_sums_under_the_training_prior_would_overstate():
    rng = np.random.default_rng(4)
    years, num_minors = sold(rng, 100_000, 0.003)
    found = minors.estimate(years, calibrated(rng), rng, FEW_DRAWS)
    assert (years < 18).sum() > 5 * num_minors
    assert num_minors <= found.high_sales


def test_more_calibration_photos_identify_many_minors():
    rng = np.random.default_rng(5)
    years, num_minors = sold(rng, 50_000, 0.08)
    found = minors.estimate(years, calibrated(rng, 4_000, 40_000), rng, FEW_DRAWS)
    assert found.is_identified
    assert found.low_sales <= num_minors <= found.high_sales
    assert found.low_sales < found.sales < found.high_sales
    assert found.sales == pytest.approx(num_minors, rel=0.25)


def test_few_calibration_photos_widen_the_interval():
    years, _ = sold(np.random.default_rng(6), 50_000, 0.003)
    bounds = [
        minors.estimate(
            years,
            calibrated(np.random.default_rng(6), 110 * times, 1_890 * times),
            np.random.default_rng(0),
            FEW_DRAWS,
        ).high_sales
        for times in (1, 25)
    ]
    assert bounds[1] < bounds[0] / 1.2


def test_unidentified_gives_a_bound_and_no_point():
    rng = np.random.default_rng(7)
    years, _ = sold(rng, 5_000, 0.003)
    found = minors.estimate(years, calibrated(rng), rng, FEW_DRAWS)
    assert not found.is_identified
    assert np.isnan([found.sales, found.low_sales, *found.probabilities]).all()
    assert 0 < found.high_sales < 500


def test_a_bound_stays_above_zero_where_all_buyers_look_old():
    rng = np.random.default_rng(8)
    years = rng.uniform(60, 80, 10_000)
    found = minors.estimate(years, calibrated(rng), rng, FEW_DRAWS)
    assert not found.is_identified
    assert 0 < found.high_sales < 500


@pytest.mark.parametrize("share", [0.003, 0.1])
def test_cashiers_add_up_to_the_chain(share):
    rng = np.random.default_rng(9)
    years, _ = sold(rng, 30_000, share)
    cashier = rng.integers(0, 20, len(years))
    years[::50] = np.nan
    found = minors.estimate(years, calibrated(rng, 4_000, 40_000), rng, FEW_DRAWS)
    split = minors.by_cashier(found, years, cashier, 21)
    assert split.num_sales.sum() == found.num_sales == 30_000 - 600
    assert found.is_identified == (share == 0.1)
    if found.is_identified:
        assert split.sales.sum() == pytest.approx(found.sales)
    else:
        assert np.isnan(split.sales).all()
        assert np.isnan(split.low_sales).all()
    # All drawn sums share one error, so their upper ends nearly add up as well.
    assert split.high_sales.sum() == pytest.approx(found.high_sales, rel=0.1)
    assert split.high_sales[20] == 0


def test_a_cashier_of_younger_buyers_expects_more_minors():
    rng = np.random.default_rng(10)
    young, _ = sold(rng, 1_000, 0.5)
    other, _ = sold(rng, 9_000, 0.05)
    years = np.concatenate([young, other[:1_000], other[1_000:]])
    cashier = np.repeat([0, 1, 2], [1_000, 1_000, 8_000])
    found = minors.estimate(years, calibrated(rng, 4_000, 40_000), rng, FEW_DRAWS)
    split = minors.by_cashier(found, years, cashier, 3)
    assert split.low_sales[0] > 2 * split.high_sales[1]


def test_the_same_input_gives_the_same_output():
    years, _ = sold(np.random.default_rng(11), 2_000, 0.003)
    calibration = calibrated(np.random.default_rng(11))
    first, second = (
        minors.estimate(years, calibration, np.random.default_rng(1), FEW_DRAWS)
        for _ in range(2)
    )
    assert first.high_sales == second.high_sales
    assert (first.drawn_probabilities == second.drawn_probabilities).all()


def test_a_calibration_without_minors_bounds_nothing():
    rng = np.random.default_rng(12)
    years, _ = sold(rng, 2_000, 0.003)
    found = minors.estimate(years, calibrated(rng, num_minors=5), rng, FEW_DRAWS)
    assert not found.is_identified
    assert found.high_sales == found.num_sales == 2_000
    split = minors.by_cashier(found, years, np.zeros(2_000, np.int64), 1)
    assert split.high_sales.tolist() == [2_000]


def test_children_of_the_calibration_say_nothing_of_buyers():
    rng = np.random.default_rng(13)
    years, _ = sold(rng, 2_000, 0.003)
    bounds = (10, 13, 15, 18, 21, 25, 30, 40)
    calibration = calibrated(rng, bounds=bounds)
    counts = calibration.counts.copy()
    counts[0, :2] = 500
    children = responses.Calibration(bounds_years=bounds, counts=counts)
    found = [
        minors.estimate(years, each, np.random.default_rng(0), FEW_DRAWS).high_sales
        for each in (calibration, children)
    ]
    assert found[0] == found[1]


@pytest.mark.parametrize("bounds", [BOUNDS, (18,), (15, 18, 25)])
@pytest.mark.parametrize("years", [[70.0], [5.0], [17.0, 22.0, 70.0]])
def test_few_sales_have_a_bound(bounds, years):
    rng = np.random.default_rng(17)
    calibration = calibrated(rng, bounds=bounds)
    found = minors.estimate(np.array(years), calibration, rng, FEW_DRAWS)
    assert 0 < found.high_sales <= len(years)


def test_no_sales_have_no_minors():
    rng = np.random.default_rng(14)
    found = minors.estimate(np.full(3, np.nan), calibrated(rng), rng, FEW_DRAWS)
    assert (found.num_sales, found.high_sales, found.is_identified) == (0, 0, False)


def test_other_legal_ages_have_their_own_bands():
    rng = np.random.default_rng(15)
    years, _ = sold(rng, 2_000, 0.0)
    under_21 = minors.MinorsSettings(legal_age_years=21, num_draws=100)
    found = minors.estimate(years, calibrated(rng), rng, under_21)
    assert found.predicted_bounds_years == (18, 21, 24, 28, 33)


def test_the_calibration_must_know_the_legal_age():
    rng = np.random.default_rng(16)
    years, _ = sold(rng, 100, 0.0)
    with pytest.raises(ValueError, match="must hold"):
        minors.estimate(years, calibrated(rng, bounds=(15, 20, 25, 30)), rng)


@pytest.mark.parametrize(
    "settings", [{"legal_age_years": 13}, {"num_draws": 10}, {"confidence": 1.0}]
)
def test_settings_are_checked(settings):
    with pytest.raises(ValueError, match="Received"):
        minors.MinorsSettings(**settings)


@pytest.mark.parametrize(
    ("bounds", "counts"),
    [((18, 18), np.ones((3, 3))), ((), np.ones((1, 1))), ((18,), np.ones((3, 3)))],
)
def test_calibrations_are_checked(bounds, counts):
    with pytest.raises(ValueError, match="Received"):
        responses.Calibration(bounds_years=bounds, counts=counts)
