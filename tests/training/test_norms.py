"""Normalisations that are worked into the convolutions before them."""

import keras
import numpy as np
import pytest

from training import model, norms, recipes

_RECIPE = recipes.FitConfig()


@pytest.fixture(scope="module")
def network():
    """A network whose every weight is its own, normalisations too."""
    keras.utils.set_random_seed(3)
    built = model.build_network(model.build_trunk(None), _RECIPE)
    rng = np.random.default_rng(3)
    for layer in built.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.set_weights([rng.uniform(0.5, 1.5, w.shape) for w in layer.weights])
    last = built.get_layer("ages")
    last.set_weights([rng.normal(0, 0.05, w.shape) for w in last.weights])
    return built


@pytest.fixture(scope="module")
def faces():
    return np.random.default_rng(4).integers(0, 256, (5, 32, 32, 3), np.uint8)


def _kinds(network):
    return [type(layer).__name__ for layer in network.layers]


def test_a_folded_network_says_the_same(network, faces):
    folded = norms.folded(network)

    assert np.ptp(network.predict_on_batch(faces), axis=0).max() > 1e-3
    np.testing.assert_allclose(
        folded.predict_on_batch(faces), network.predict_on_batch(faces), atol=1e-5
    )


def test_it_keeps_only_what_brings_features_to_one_scale(network):
    folded = norms.folded(network)

    assert _kinds(network).count("BatchNormalization") == 54
    assert _kinds(folded).count("BatchNormalization") == 1
    assert _kinds(folded).count("Conv2D") == _kinds(network).count("Conv2D") == 53


def test_folding_leaves_the_network_as_it_was(network, faces):
    before = network.get_weights()

    norms.folded(network)

    for was, now in zip(before, network.get_weights(), strict=True):
        np.testing.assert_array_equal(was, now)


def test_what_a_folded_network_learned_comes_back(network, faces):
    folded = norms.folded(network)
    rng = np.random.default_rng(5)
    folded.set_weights([w * rng.uniform(0.9, 1.1) for w in folded.get_weights()])
    plain = model.build_network(model.build_trunk(None), _RECIPE)

    norms.unfold(folded, plain)

    np.testing.assert_allclose(
        plain.predict_on_batch(faces), folded.predict_on_batch(faces), atol=1e-5
    )
