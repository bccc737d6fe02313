"""Fits the age model by the recipe that is asked for."""

from collections.abc import Callable

import keras

from training import (
    config,
    dataset,
    finetune,
    memory,
    networks,
    precision,
    runs,
)

Fit = Callable[[dataset.Dataset, runs.Run], Callable[[], keras.Model]]


def prepare(settings: config.TrainConfig) -> Fit:
    """Builds a network with its initial weights, before a photo is read.

    Returns:
      A function that fits it, and returns one that gives the fitted model: flat, in
      float32, uint8 crops to a distribution over ages `(batch, 101)`.

    Raises:
      weights.WeightsError: see `weights.initialise`.
      memory.RoomError: see `memory.check`.
    """
    # On a GPU it is the card's memory that counts, and its own errors are clear.
    if not precision.has_gpu():
        memory.check(settings)
    network = networks.build(settings)

    def fit(photos: dataset.Dataset, run: runs.Run) -> Callable[[], keras.Model]:
        if not run.is_finished:
            finetune.fit(network, photos, settings, run)
        return lambda: networks.load(photos, settings, run)

    return fit
