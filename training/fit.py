"""Fits a head on features that stay as they are."""

import dataclasses

import keras
import numpy as np
import numpy.typing as npt

from training import losses, recipes

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
    settings: recipes.HeadConfig,
) -> list[float]:
    """Fits a head on features, keeping the epoch that validates best.

    Args:
      head: From `training.model.build_head`; fitted in place.
      train: To learn from.
      validation: To choose the epoch by; without any, the last one stays.
      settings: Of the head.

    Returns:
      Mean absolute error on `validation` after each epoch, in years.
    """
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
        *_arrays(train, settings),
        batch_size=settings.batch_size,
        epochs=settings.epochs,
        validation_data=(_arrays(validation, settings) if has_validation else None),
        callbacks=[keep_best] if has_validation else [],
        verbose=0,
    ).history
    return [float(error) for error in history.get("val_mean_age_error", [])]


def moments(
    features: _Features,
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Computes mean and standard deviation of each feature, the latter above 0."""
    mean = features.mean(axis=0, dtype=np.float64)
    spread = features.std(axis=0, dtype=np.float64)
    return mean.astype(np.float32), np.maximum(spread, 1e-3).astype(np.float32)


def _arrays(
    examples: Examples, settings: recipes.HeadConfig
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    labels = losses.label_distributions(examples.ages_years, settings.label_sigma_years)
    return examples.features.astype(np.float32), labels
