"""Batch normalisation of a network that was trained on other pictures."""

import keras

from training import batches

_STEPS = 40
_MOMENTUM = 0.9


def freeze(network: keras.Model, *, is_frozen: bool) -> None:
    """Keeps the statistics and scales of all normalisations, or lets them learn."""
    for layer in _norms(network):
        layer.trainable = not is_frozen


def settle(network: keras.Model, photos: batches.Batches) -> None:
    """Takes the statistics of frozen normalisations from photos like those to come.

    Args:
      network: Its normalisations are frozen, and are so again afterwards.
      photos: The first 40 batches are looked at, or fewer several times.
    """
    freeze(network, is_frozen=False)
    usual = [layer.momentum for layer in _norms(network)]
    for layer in _norms(network):
        layer.momentum = _MOMENTUM
    for step in range(_STEPS):
        network(photos[step % len(photos)][0], training=True)
    for layer, momentum in zip(_norms(network), usual, strict=True):
        layer.momentum = momentum
    freeze(network, is_frozen=True)


def _norms(network: keras.Model) -> list[keras.layers.BatchNormalization]:
    return [
        layer
        for layer in network.layers
        if isinstance(layer, keras.layers.BatchNormalization)
    ]
