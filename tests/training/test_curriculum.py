"""What a fit is shown."""

import pathlib

import numpy as np
import pytest

from training import config, curriculum, dataset, recipes


def _photos(ages_years) -> dataset.Dataset:
    count = len(ages_years)
    crops = np.zeros((count, 8, 8, 3), np.uint8)
    return dataset.Dataset(
        faces=crops,
        wide=crops,
        names=np.array([f"{row:03}.jpg" for row in range(count)]),
        ages_years=np.asarray(ages_years, np.float64),
        columns={},
        views=np.full(count, "plain"),
        splits=np.array(["train"] * (count - 1) + ["test"]),
        sha256="0" * 64,
        dropped={},
        folder=pathlib.Path("unused"),
    )


def _settings(**changes) -> config.TrainConfig:
    source = config.PhotoSource(images=pathlib.Path("a"), labels=pathlib.Path("b"))
    return config.TrainConfig(
        sources=(source,), output=pathlib.Path("unused"), **changes
    )


def test_only_the_train_split_is_learned_from():
    assert curriculum.rows(_photos([20] * 10), _settings()).tolist() == list(range(9))


def test_fewer_photos_may_be_asked_for():
    photos = _photos([20] * 50)

    found = curriculum.rows(photos, _settings(max_train_photos=7))

    assert len(found) == 7
    again = curriculum.rows(photos, _settings(max_train_photos=7))
    np.testing.assert_array_equal(found, again)


def test_the_prior_is_that_of_the_ages_shown():
    photos = _photos([30] * 90 + [70] * 10 + [5])
    evenly = _settings(fit=recipes.FitConfig(age_balance=0.5))
    as_they_are = _settings(fit=recipes.FitConfig(age_balance=0.0))

    balanced = curriculum.age_prior(photos, evenly)
    plain = curriculum.age_prior(photos, as_they_are)

    for prior in (balanced, plain):
        assert prior.shape == (101,)
        assert prior.sum() == pytest.approx(1)
        assert prior.min() > 0
    assert plain[60:81].sum() == pytest.approx(0.1, abs=0.001)
    # By the root of 9 to 1.
    assert balanced[60:81].sum() == pytest.approx(0.25, abs=0.001)
    assert plain[:20].sum() < 0.001
