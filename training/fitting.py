"""Fits the age model by the recipe that is asked for."""

from collections.abc import Callable

import keras

from training import (
    config,
    dataset,
    errors,
    finetune,
    memory,
    networks,
    precision,
    recipes,
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
      errors.InputError: the recipe cannot do what is asked for.
    """
    if settings.recipe == recipes.FROZEN:
        return _prepare_frozen(settings)
    # On a GPU it is the card's memory that counts, and its own errors are clear.
    if not precision.has_gpu():
        memory.check(settings)
    network = networks.build(settings)

    def fit(photos: dataset.Dataset, run: runs.Run) -> Callable[[], keras.Model]:
        if not run.is_finished:
            finetune.fit(network, photos, settings, run)
        return lambda: networks.load(photos, settings, run)

    return fit


def _prepare_frozen(settings: config.TrainConfig) -> Fit:
    if settings.is_fit_only:
        raise errors.InputError(
            f"--fit-only: recipe {recipes.FROZEN} keeps nothing to go on with; "
            "choose another recipe"
        )
    # Needs OpenVINO and NNCF, which a machine for fitting may lack.
    from training import frozen_features

    backbone = frozen_features.make_backbone(settings)

    def fit(photos: dataset.Dataset, run: runs.Run) -> Callable[[], keras.Model]:
        fitted, _ = frozen_features.fit_model(backbone, photos, settings)
        return lambda: fitted

    return fit
