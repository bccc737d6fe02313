import numpy as np
import pytest

from training import averaging


def _after(updates, average_steps=1600):
    averager = averaging.Averager(average_steps)
    for value in updates:
        averager.update([np.array([value], np.float32)])
    return averager


def test_it_begins_with_the_first_weights():
    assert _after([3.0]).average == [3.0]


def test_it_settles_on_weights_that_stay():
    assert _after([0.0] + [5.0] * 3000).average[0][0] == pytest.approx(5.0, abs=1e-3)


def test_it_follows_slowly_in_the_end():
    before = _after([1.0] * 1000).average[0][0]
    after = _after([1.0] * 1000 + [2.0]).average[0][0]

    assert after - before == pytest.approx(16 / 1600, rel=1e-3)


def test_it_does_not_change_what_it_is_given():
    weights = [np.array([1.0], np.float32)]
    averager = averaging.Averager(100)
    averager.update(weights)
    averager.update([np.array([9.0], np.float32)])

    assert weights[0] == 1.0
