import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from pipelines.domain import ages

CALIBRATION = ages.Calibration(
    temperature=1.0, group_bounds_years=(30.0, 60.0), quantiles_90=(1.0, 2.0, 3.0)
)


def _certain(*years: int) -> np.ndarray:
    weights = np.zeros((len(years), 101), np.uint16)
    weights[np.arange(len(years)), years] = 65_535
    return weights


def _half(first: int, second: int) -> np.ndarray:
    weights = np.zeros((1, 101), np.uint16)
    weights[0, first], weights[0, second] = 32_768, 32_767
    return weights


probabilities = hnp.arrays(
    np.float32,
    st.tuples(st.integers(1, 6), st.just(101)),
    elements=st.floats(0, 1, width=32),
).filter(lambda rows: (rows.max(axis=1) > 0).all())


@hypothesis.given(probabilities, st.floats(0.3, 5))
def test_quantised_rows_sum_to_65535(rows, temperature):
    weights = ages.to_weights(rows, temperature)

    assert weights.dtype == np.uint16
    assert (weights.sum(axis=1, dtype=int) == 65_535).all()


@hypothesis.given(probabilities)
def test_quantised_rows_are_within_one_of_the_exact_ones(rows):
    weights = ages.to_weights(rows)

    exact = rows.astype(float)
    exact *= 65_535 / exact.sum(axis=1, keepdims=True)
    assert np.abs(weights - exact).max() <= 1 + 1e-6


@hypothesis.given(probabilities, st.floats(0.3, 5))
def test_a_row_does_not_depend_on_the_others(rows, temperature):
    together = ages.to_weights(rows, temperature)
    alone = [ages.to_weights(row[None], temperature) for row in rows]

    np.testing.assert_array_equal(together, np.concatenate(alone))


def test_temperature_is_that_of_the_softmax():
    logits = np.linspace(-2, 3, 101)[None]
    softmax = np.exp(logits) / np.exp(logits).sum()
    warmer = np.exp(logits / 2.5) / np.exp(logits / 2.5).sum()

    weights = ages.to_weights(softmax, 2.5)

    np.testing.assert_allclose(weights / 65_535, warmer, atol=1 / 65_535)


def test_what_is_missing_goes_to_the_largest_remainders():
    rows = np.ones((1, 101))

    weights = ages.to_weights(rows)[0]

    # 65535 = 101 * 648 + 87: of equals, the youngest get the rest.
    assert weights.tolist() == [649] * 87 + [648] * 14


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (np.zeros((1, 101)), "above 0"),
        (np.full((1, 101), np.nan), "finite"),
        (-np.ones((1, 101)), "not negative"),
        (np.ones((1, 100)), "must be"),
        (np.ones(101), "must be"),
    ],
)
def test_refuses_what_is_no_distribution(rows, reason):
    with pytest.raises(ValueError, match=reason):
        ages.to_weights(rows)


def test_takes_no_rows():
    none = ages.to_weights(np.zeros((0, 101)))

    assert none.shape == (0, 101)
    assert ages.estimate(none, CALIBRATION).mean_years.shape == (0,)
    assert ages.mean_weights(none, np.zeros(0, int), 0).shape == (0, 101)


@pytest.mark.parametrize(
    ("weights", "mean", "low", "high"),
    [
        # A certain age still has the least sigma, half a year.
        (_certain(20), 20.0, 19.5, 20.5),
        (_certain(30), 30.0, 29.0, 31.0),
        (_certain(0), 0.0, 0.0, 0.5),
        (_certain(100), 100.0, 98.5, 100.0),
        (_half(40, 50), 45.0, 35.0, 55.0),
        (_half(0, 100), 50.0, 0.0, 100.0),
    ],
)
def test_estimate(weights, mean, low, high):
    found = ages.estimate(weights, CALIBRATION)

    assert found.mean_years.tolist() == [mean]
    assert found.low_years.tolist() == [low]
    assert found.high_years.tolist() == [high]


@hypothesis.given(probabilities)
def test_the_mean_lies_in_its_interval(rows):
    found = ages.estimate(ages.to_weights(rows), CALIBRATION)

    assert (found.low_years <= found.mean_years).all()
    assert (found.mean_years <= found.high_years).all()
    assert (found.low_years >= 0).all()
    assert (found.high_years <= 100).all()


def test_estimates_equal_those_computed_at_length():
    weights = ages.to_weights(np.random.default_rng(0).dirichlet(np.ones(101), 50))
    shares = weights / 65_535
    mean = shares @ np.arange(101)
    sigma = np.sqrt(shares @ np.arange(101) ** 2 - mean**2)

    found_mean, found_sigma = ages.mean_and_sigma(weights)

    np.testing.assert_allclose(found_mean, mean)
    np.testing.assert_allclose(found_sigma, sigma)


@pytest.mark.parametrize(
    ("age_years", "share"), [(0, 0.0), (18, 0.0), (19, 1.0), (101, 1.0), (-3, 0.0)]
)
def test_probability_under_leaves_the_age_itself_out(age_years, share):
    assert ages.probability_under(_certain(18), age_years).tolist() == [share]


def test_probability_under_adds_up():
    assert ages.probability_under(_half(17, 18), 18)[0] == pytest.approx(
        32_768 / 65_535
    )


@hypothesis.given(
    hnp.arrays(np.int64, st.integers(1, 12), elements=st.integers(0, 3)),
    st.randoms(use_true_random=False),
)
def test_averages_sum_to_65535_whatever_the_order(groups, random):
    _, groups = np.unique(groups, return_inverse=True)
    seeded = np.random.default_rng(random.randrange(1000))
    weights = ages.to_weights(seeded.dirichlet(np.full(101, 0.1), len(groups)))
    shuffled = seeded.permutation(len(groups))
    num_groups = groups.max() + 1

    found = ages.mean_weights(weights, groups, num_groups)

    assert (found.sum(axis=1, dtype=int) == 65_535).all()
    again = ages.mean_weights(weights[shuffled], groups[shuffled], num_groups)
    np.testing.assert_array_equal(found, again)
    for group in range(num_groups):
        exact = weights[groups == group].mean(axis=0)
        assert np.abs(found[group] - exact).max() < 1


def test_the_average_of_one_is_itself():
    weights = ages.to_weights(np.random.default_rng(1).dirichlet(np.ones(101), 3))

    found = ages.mean_weights(weights, np.array([2, 0, 1]), 3)

    np.testing.assert_array_equal(found, weights[[1, 2, 0]])


@pytest.mark.parametrize("groups", [[0, 2], [0, 0], [0, 1]])
def test_refuses_an_empty_group(groups):
    with pytest.raises(ValueError, match="each of 3 groups"):
        ages.mean_weights(_certain(1, 2), np.array(groups), 3)


@pytest.mark.parametrize(
    "change",
    [
        {"temperature": 0.0},
        {"group_bounds_years": (60.0, 30.0)},
        {"quantiles_90": (1.0,)},
    ],
)
def test_refuses_a_calibration_that_cannot_be(change):
    values = {
        "temperature": 1.0,
        "group_bounds_years": (30.0, 60.0),
        "quantiles_90": (1.0, 2.0, 3.0),
    }
    with pytest.raises(ValueError, match=next(iter(change))):
        ages.Calibration(**values | change)
