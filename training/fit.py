"""Fits the age model."""

import dataclasses

import keras
import numpy as np
import numpy.typing as npt

from training import config, losses

_Features = npt.NDArray[np.floating]


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Examples:
    """Features with their ages.

    Attributes:
      features: Shape `(n, features)`.
      ages_years: Shape `(n,)`.
    """

    features: _Features
    ages_years: npt.NDArray[np.float64]


def fit_head(
    head: keras.Model,
    train: Examples,
    validation: Examples,
    settings: config.HeadConfig,
) -> list[float]:
    """Fits a head on features, keeping the epoch that validates best.

    Args:
      head: From `training.model.build_head`; fitted in place, so that it takes the
        features as they are.
      train: To learn from.
      validation: To choose the epoch by; without any, the last one stays.
      settings: Of the head.

    Returns:
      Mean absolute error on `validation` after each epoch, in years.
    """
    mean, scale = _moments(train.features)
    steps = settings.epochs * -(-len(train.features) // settings.batch_size)
    head.compile(
        optimizer=keras.optimizers.AdamW(
            keras.optimizers.schedules.CosineDecay(settings.learning_rate, steps),
            weight_decay=settings.weight_decay,
        ),
        loss=losses.DistributionLoss(settings.mean_loss_weight),
        metrics=[losses.mean_age_error],
    )
    keep_best = keras.callbacks.EarlyStopping(
        "val_mean_age_error",
        mode="min",
        patience=settings.epochs,
        restore_best_weights=True,
    )
    has_validation = len(validation.features) > 0
    history = head.fit(
        *_arrays(train, mean, scale, settings),
        batch_size=settings.batch_size,
        epochs=settings.epochs,
        validation_data=(
            _arrays(validation, mean, scale, settings) if has_validation else None
        ),
        callbacks=[keep_best] if has_validation else [],
        verbose=0,
    ).history
    _fold_scaling(head.layers[1], mean, scale)
    return [float(error) for error in history.get("val_mean_age_error", [])]


def _arrays(
    examples: Examples,
    mean: _Features,
    scale: _Features,
    settings: config.HeadConfig,
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    labels = losses.label_distributions(examples.ages_years, settings.label_sigma_years)
    scaled = (examples.features.astype(np.float32) - mean) / scale
    return scaled.astype(np.float32, copy=False), labels


def _moments(features: _Features) -> tuple[_Features, _Features]:
    mean = features.mean(axis=0, dtype=np.float64).astype(np.float32)
    spread = features.std(axis=0, dtype=np.float64).astype(np.float32)
    return mean, np.maximum(spread, 1e-3)


def _fold_scaling(first: keras.layers.Layer, mean: _Features, scale: _Features) -> None:
    """Makes a layer fitted on scaled features take them unscaled."""
    kernel, bias = first.get_weights()
    kernel = kernel / scale[:, None]
    first.set_weights([kernel, bias - mean @ kernel])
