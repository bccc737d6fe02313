"""Batch normalisation of a network that was trained on other pictures."""

import keras
import numpy as np

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


def folded(network: keras.Model) -> keras.Model:
    """Works the normalisations behind convolutions into these.

    Args:
      network: Flat and functional; its normalisations stay as they are.

    Returns:
      A new model of the same function while it is not trained, uncompiled, without
      these layers: each of them is a pass over all pixels, forwards and backwards.
    """
    ends = _norm_of_convolution(network)
    gone = {norm.name for norm in ends.values()}
    without: keras.Model = keras.models.clone_model(
        network,
        call_function=lambda layer, values, **options: (
            values if layer.name in gone else layer(values, **options)
        ),
    )
    for layer in without.layers:
        known = network.get_layer(layer.name)
        norm = ends.get(layer.name)
        layer.set_weights(_scaled(known, norm) if norm else known.get_weights())
    return without


def unfold(without: keras.Model, network: keras.Model) -> None:
    """Gives a network the weights of one that was folded.

    Args:
      without: From `folded`.
      network: Like the one that it was made from; its normalisations then change
        nothing.
    """
    for layer in without.layers:
        network.get_layer(layer.name).set_weights(layer.get_weights())
    for norm in _norm_of_convolution(network).values():
        count = norm.input.shape[-1]
        zeros, ones = np.zeros(count), np.ones(count)
        norm.set_weights([np.sqrt(ones + norm.epsilon), zeros, zeros, ones])


def _norm_of_convolution(
    network: keras.Model,
) -> dict[str, keras.layers.BatchNormalization]:
    """Finds the normalisation behind each convolution that has one, by its name."""
    found = {}
    for norm in _norms(network):
        before = norm.input._keras_history.operation
        if isinstance(before, keras.layers.Conv2D):
            found[before.name] = norm
    return found


def _scaled(
    convolution: keras.layers.Conv2D, norm: keras.layers.BatchNormalization
) -> list[np.ndarray]:
    """Computes kernel and bias of a convolution with its normalisation in it."""
    kernel, bias = convolution.get_weights()
    gamma, beta, mean, variance = norm.get_weights()
    scale = gamma / np.sqrt(variance + norm.epsilon)
    return [kernel * scale, (bias - mean) * scale + beta]


def _norms(network: keras.Model) -> list[keras.layers.BatchNormalization]:
    return [
        layer
        for layer in network.layers
        if isinstance(layer, keras.layers.BatchNormalization)
    ]
