"""The network's heads: what they see, and what the export makes of them."""

import keras
import numpy as np
import pytest

from training import model, recipes

_SMALL = recipes.FitConfig(hidden_units=8)


@pytest.fixture(scope="module")
def network():
    keras.utils.set_random_seed(1)
    built = model.build_network(model.build_trunk(32), _SMALL)
    rng = np.random.default_rng(1)
    size = built.get_layer(model.FEATURES).output.shape[-1]
    built.get_layer(model.STANDARDISE).set_weights(
        [rng.normal(0, 1, size), rng.uniform(0.5, 2, size)]
    )
    ages = built.get_layer("ages")
    ages.set_weights([rng.normal(0, 1, values.shape) for values in ages.get_weights()])
    return built


@pytest.fixture(scope="module")
def crops():
    rng = np.random.default_rng(2)
    return rng.integers(0, 256, (3, 32, 32, 3)).astype(np.uint8)


def test_a_distribution_is_seen_from_three_blocks(network):
    assert network.get_layer(model.FEATURES).output.shape == (None, 512 + 1024 + 2048)


def test_constants_say_what_the_normalisation_said(network, crops):
    fixed = model.with_constants(network, _SMALL)

    assert isinstance(fixed.get_layer(model.STANDARDISE), keras.layers.Rescaling)
    said = network.predict(crops, verbose=0)
    np.testing.assert_allclose(
        fixed.predict(crops, verbose=0), said, rtol=1e-4, atol=1e-6
    )
    np.testing.assert_allclose(said.sum(axis=1), 1, rtol=1e-5)
    assert np.abs(said - said[0]).max() > 1e-3


def test_a_regression_sees_the_last_block_alone(crops):
    built = model.build_network(model.build_trunk(32), recipes.ORIGINAL_FIT)

    assert built.get_layer("age").input.shape == (None, 2048)
    assert built.predict(crops, verbose=0).shape == (3, 1)
