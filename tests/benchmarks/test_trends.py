"""Tests of `benchmarks.trends`."""

import math

import numpy as np
import pytest

from benchmarks import trends

_DAYS = list(range(1, 31))
_NOISE = np.random.default_rng(3).normal(0, 5, len(_DAYS))


@pytest.mark.parametrize(
    ("growth_a_day", "is_flat"), [(0.0, True), (0.5, True), (3.0, False)]
)
def test_growth_is_told_from_noise(growth_a_day, is_flat):
    values = 850 + _NOISE + growth_a_day * np.array(_DAYS)
    trend = trends.of(_DAYS, values.tolist())
    assert trend.low < growth_a_day < trend.high
    assert trend.is_flat(tolerated_share=0.05) == is_flat


def test_a_step_that_is_sure_is_no_noise():
    trend = trends.of(_DAYS, [0.0] * 20 + [1.0] * 10)
    assert not trend.is_flat(tolerated_share=0.0)


def test_three_days_have_no_trend():
    assert math.isnan(trends.of([1, 2, 3], [1.0, 2.0, 3.0]).slope)
