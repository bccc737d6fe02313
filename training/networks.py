"""The network to fit: built, given its weights, compiled, and read back."""

import math
import pathlib

import keras

from pipelines.inference import bundle as bundles
from schemas import bundle as card_schema
from training import (
    adoption,
    config,
    dataset,
    losses,
    model,
    norms,
    precision,
    recipes,
    residual_head,
    runs,
    validation,
    weights,
)


def build(settings: config.TrainConfig) -> keras.Model:
    """Builds the network to fit, for crops of any size, with its initial weights.

    These are ResNet50's, or those of a whole network: of an earlier run, or of a
    bundle.

    Raises:
      weights.WeightsError: see `weights.initialise`, or the folder cannot be used.
    """
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(precision.policy(settings.precision))
    try:
        trunk = model.build_trunk(None)
        if not goes_on(settings):
            weights.initialise(trunk, settings.initial_weights)
        network = model.build_network(trunk, settings.fit)
        if goes_on(settings):
            _go_on_from(network, pathlib.Path(settings.initial_weights))
        return network
    finally:
        keras.config.set_dtype_policy(before)


def goes_on(settings: config.TrainConfig) -> bool:
    """Tells whether a fit goes on from an earlier network, its head with it."""
    return pathlib.Path(settings.initial_weights).is_dir()


def load(
    photos: dataset.Dataset, settings: config.TrainConfig, run: runs.Run
) -> keras.Model:
    """Builds the fitted model of a finished run.

    Args:
      photos: Whose split `validation` gives a regression its distribution.
      settings: Of the run.
      run: Finished.

    Returns:
      Flat, uncompiled, in float32: uint8 crops of the settings' size to a
      distribution over ages, `(batch, 101)`.

    Raises:
      residual_head.ResidualsError: there are too few validation photos.
    """
    trunk = model.build_trunk(settings.image_size)
    network = model.build_network(trunk, settings.fit)
    network.load_weights(run.fitted)
    if settings.fit.is_distribution:
        return model.with_constants(network, settings.fit)
    rows = validation.plain_rows(photos, "validation")
    residuals = photos.ages_years[rows] - validation.ages_of(network, photos, rows)
    return residual_head.to_distribution(network, residuals)


def freeze(network: keras.Model, recipe: recipes.FitConfig) -> None:
    """Keeps what a recipe does not train: some blocks, and normalisations."""
    norms.freeze(network, is_frozen=not recipe.trains_norms)
    for layer in network.layers:
        if layer.name.partition("_")[0] in recipe.frozen_blocks:
            layer.trainable = False


def compile_network(
    network: keras.Model, recipe: recipes.FitConfig, num_photos: int
) -> None:
    """Gives a network its optimiser, loss and metric `mae_years`.

    Args:
      network: From `build`.
      recipe: Says which.
      num_photos: To be shown in all.
    """
    steps = math.ceil(num_photos / recipe.batch_size)
    options = {"global_clipnorm": recipe.clip_norm or None}
    rate = _learning_rate(recipe, steps)
    network.compile(
        optimizer=keras.optimizers.AdamW(
            rate, weight_decay=recipe.weight_decay, **options
        )
        if recipe.weight_decay
        else keras.optimizers.Adam(rate, **options),
        loss=losses.DistributionLoss(recipe.mean_loss_weight)
        if recipe.is_distribution
        else "mse",
        metrics=[
            keras.metrics.MeanMetricWrapper(
                losses.mean_age_error
                if recipe.is_distribution
                else keras.losses.mean_absolute_error,
                name="mae_years",
            )
        ],
    )


def _go_on_from(network: keras.Model, folder: pathlib.Path) -> None:
    """Gives a network the weights of an earlier run or of a bundle."""
    earlier = runs.Run(folder)
    is_bundle = (folder / card_schema.FILE_NAME).is_file()
    if not (is_bundle or earlier.is_finished):
        raise weights.WeightsError(f"{folder}: holds no finished run and no bundle")
    try:
        if is_bundle:
            adoption.adopt(network, bundles.load(str(folder)))
        else:
            weights.load(network, earlier.fitted)
    except bundles.BundleError as error:
        raise weights.WeightsError(str(error)) from error
    except (ValueError, OSError, KeyError) as error:
        raise weights.WeightsError(
            f"{folder}: its network has another head or is damaged"
        ) from error


def _learning_rate(
    recipe: recipes.FitConfig, steps: int
) -> float | keras.optimizers.schedules.CosineDecay:
    if not recipe.has_schedule:
        return recipe.learning_rate
    warmup = max(round(recipe.warmup_share * steps), 1)
    return keras.optimizers.schedules.CosineDecay(
        recipe.learning_rate / 20,
        max(steps - warmup, 1),
        warmup_target=recipe.learning_rate,
        warmup_steps=warmup,
    )
