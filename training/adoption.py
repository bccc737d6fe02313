"""Takes up the network of a bundle, to go on from it with other photos."""

import keras
import numpy as np

from pipelines.inference import bundle as bundles
from pipelines.inference import keras_model
from training import model


def adopt(network: keras.Model, bundle: bundles.Bundle) -> None:
    """Gives a network the weights of a bundle, its head with them.

    Args:
      network: From `model.build_network`, without moments; changed in place.
      bundle: Its int8 weights serve where it has no float32 ones.

    Raises:
      ValueError: the bundle's network is another.
    """
    known = keras_model.load(bundle)
    for layer in network.layers:
        if layer.name == model.STANDARDISE:
            layer.set_weights(_moments(known.get_layer(layer.name)))
        elif layer.weights:
            layer.set_weights(known.get_layer(layer.name).get_weights())


def _moments(constants: keras.layers.Rescaling) -> list[np.ndarray]:
    """Turns constants back into mean and variance; see `model.with_constants`."""
    spread = 1 / np.asarray(constants.scale, np.float64)
    mean = -np.asarray(constants.offset, np.float64) * spread
    return [mean, np.square(spread) - model.LEAST_VARIANCE]
