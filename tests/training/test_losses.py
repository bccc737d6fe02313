import keras
import numpy as np
import pytest

from training import losses


def test_a_label_is_a_normal_distribution_about_its_age():
    found = losses.label_distributions(np.array([30.0, 30.5, 0.0, 110.0]), 2.0)

    np.testing.assert_allclose(found.sum(axis=1), 1, rtol=1e-6)
    assert found[0].argmax() == 30
    assert found[0, 32] / found[0, 30] == pytest.approx(np.exp(-0.5))
    assert found[1, 30] == pytest.approx(found[1, 31])
    assert found[2].argmax() == 0
    assert found[3].argmax() == 100


def test_loss_is_divergence_plus_the_error_of_the_mean():
    true = losses.label_distributions(np.array([30.0]), 2.0)
    guess = losses.label_distributions(np.array([34.0]), 2.0)

    found = float(losses.DistributionLoss(0.5)(true, guess))

    # Of two normal distributions: gap² / (2 sigma²).
    assert found == pytest.approx(4**2 / (2 * 2**2) + 0.5 * 4, rel=1e-3)
    assert float(losses.DistributionLoss(0.5)(true, true)) == pytest.approx(0, abs=1e-6)


def test_mean_age_error():
    true = losses.label_distributions(np.array([30.0, 50.0]), 1.0)
    guess = losses.label_distributions(np.array([33.0, 46.0]), 1.0)

    found = keras.ops.convert_to_numpy(losses.mean_age_error(true, guess))

    np.testing.assert_allclose(found, [3, 4], atol=1e-4)
