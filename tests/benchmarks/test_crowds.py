import dataclasses

import numpy as np
import pytest

from benchmarks import crowds
from pipelines.domain import confusion
from pipelines.reporting import calibrations
from tests import tiny_bundle
from tests.benchmarks import crowd_of_strangers


def test_children_do_not_shop():
    known = crowd_of_strangers.known(2000, 5.0)
    crowd = crowds.of_known(known)
    assert crowd.known.ages_years.min() == 13
    assert len(crowd.mean_years) == (known.ages_years >= 13).sum()
    assert crowd.num_calibration == (crowd.known.split == "calibration").sum()
    assert np.abs(crowd.mean_years - crowd.known.ages_years).mean() == pytest.approx(
        4, abs=0.5
    )


def test_ages_are_found_and_missed():
    crowd = crowds.of_known(crowd_of_strangers.known(2000, 5.0))
    assert set(crowd.known.ages_years[crowd.within(19, 24)]) == set(range(19, 25))
    with pytest.raises(ValueError, match="no known face is 90 to 95 years old"):
        crowd.within(90, 95)


def test_calibrations_differ_but_are_those_of_the_crowd():
    crowd = crowds.of_known(crowd_of_strangers.known(6000, 5.0))
    rng = np.random.default_rng(0)
    first, second = (
        calibrations.between_bands(crowd.calibrated(tiny_bundle.card(), rng))
        for _ in range(2)
    )
    assert first.counts.sum() == second.counts.sum() == crowd.num_calibration
    assert (first.counts != second.counts).any()
    truly = np.bincount(crowd.known.ages_years // 5, minlength=confusion.NUM_BANDS)
    np.testing.assert_allclose(first.counts.sum(axis=0), truly / 2, atol=60)


def test_a_crowd_needs_people_to_calibrate_on():
    known = crowd_of_strangers.known(100, 5.0)
    none = dataclasses.replace(known, split=np.full(100, "test"))
    with pytest.raises(ValueError, match="calibration split"):
        crowds.of_known(none)
