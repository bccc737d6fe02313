import csv

import numpy as np
import pytest

from training import study


def test_the_study_is_told_as_it_was():
    counts = study.photos_by_age()

    assert counts.shape == (105,)
    assert counts.sum() == 7591
    assert counts[[0, 1, 25, 30, 92, 100, 101]].tolist() == [0, 149, 315, 317, 0, 1, 0]


@pytest.mark.real_data
def test_the_built_in_counts_are_those_of_the_file(shared_data):
    with (shared_data / "original_age_histogram.csv").open(newline="") as file:
        told = {int(row["age"]): int(row["photos"]) for row in csv.DictReader(file)}

    counts = study.photos_by_age()

    assert {age: n for age, n in enumerate(counts) if n} == told


def test_weights_bring_a_sample_to_the_study():
    ages_years = np.random.default_rng(0).integers(0, 105, 5000).astype(float)

    weights = study.weights_of(ages_years)

    assert weights.sum() == pytest.approx(1)
    for low in range(0, 105, 5):
        held = weights[(ages_years >= low) & (ages_years < low + 5)].sum()
        assert held == pytest.approx(study.study_mix()[low : low + 5].sum())


def test_weights_follow_the_definition():
    ages_years = np.array([3.0, 27.0, 28.9, 110.0])
    counts = study.photos_by_age()
    young, grown, old = counts[:5].sum(), counts[25:30].sum(), counts[100:].sum()
    total = young + grown + old

    weights = study.weights_of(ages_years)

    np.testing.assert_allclose(
        weights, [young / total, grown / 2 / total, grown / 2 / total, old / total]
    )
    assert study.covered_share(ages_years) == pytest.approx(total / 7591)


def test_a_sample_of_every_band_covers_the_study():
    assert study.covered_share(np.arange(0.0, 105)) == pytest.approx(1)


def test_nobody_weighs_nothing():
    assert study.weights_of(np.array([])).shape == (0,)
    assert study.covered_share(np.array([])) == 0
