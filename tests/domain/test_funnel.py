import numpy as np
import pytest
from scipy import stats

from pipelines.domain import funnel


@pytest.mark.parametrize(
    ("rate", "ratio", "expected"), [(0.1, 2.0, 197), (0.05, 2.0, 417), (0.2, 1.5, 294)]
)
def test_sales_for_power_by_the_exact_binomial(rate, ratio, expected):
    assert funnel.sales_for_power(rate, ratio, 0.999, 0.8) == expected


@pytest.mark.parametrize(("rate", "ratio"), [(0.5, 2.0), (0.7, 1.5), (1e-6, 1.1)])
def test_no_number_of_sales_is_enough(rate, ratio):
    assert funnel.sales_for_power(rate, ratio, 0.999, 0.8) == 0


def test_curve_is_exact():
    sales, rate, tail = np.array([50, 400, 3_000]), 0.1, 0.001
    limits = funnel.curve(sales, rate, 0.999, 1.0)
    high, low = limits.high * sales * rate, limits.low * sales * rate
    assert (stats.binom.sf(high.round(), sales, rate) <= tail).all()
    assert (stats.binom.sf(high.round() - 1, sales, rate) > tail).all()
    assert (stats.binom.cdf(low.round() - 1, sales, rate) <= tail).all()
    assert (stats.binom.cdf(low.round(), sales, rate) > tail).all()
    assert (np.diff(limits.high) < 0).all()


def test_overdispersion_widens_round_one():
    limits = funnel.Limits(low=np.array([0.75, 0.25]), high=np.array([1.5, 2.0]))
    wide = limits.widened(2.0)
    assert wide.low.tolist() == [0.5, 0.0]
    assert wide.high.tolist() == [2.0, 3.0]


def test_no_overdispersion_below_one():
    assert funnel.overdispersion(np.zeros(20), 0.1) == 1.0
    assert funnel.overdispersion(np.array([]), 0.1) == 1.0


def test_overdispersion_is_the_mean_square():
    z = np.array([-2.0, 2.0, -2.0, 2.0])
    assert funnel.overdispersion(z, 0.0) == pytest.approx(4.0)


def test_one_extreme_cashier_hardly_widens_the_limits():
    z = np.append(np.random.default_rng(0).normal(0.0, 1.5, 40), 30.0)
    usual = funnel.overdispersion(z[:-1], 0.1)
    assert funnel.overdispersion(z, 0.1) == pytest.approx(usual, rel=0.2)
    assert funnel.overdispersion(z, 0.0) > 10.0 * usual


@pytest.mark.parametrize("fraction", [0.0, 0.05, 0.1, 0.25])
def test_chance_alone_is_no_overdispersion(fraction):
    z = np.random.default_rng(1).normal(0.0, 1.0, 400_000)
    found = funnel.overdispersion(2.0 * z, fraction)
    assert found == pytest.approx(4.0, rel=0.02)
