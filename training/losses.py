"""Deep label distribution learning with the mean age (DLDL-v2, Gao et al. 2018)."""

import keras
import numpy as np
import numpy.typing as npt

from schemas import fields

AGES = np.arange(fields.NUM_AGES, dtype=np.float32)


def label_distributions(
    ages_years: npt.NDArray[np.float64], sigma_years: float
) -> npt.NDArray[np.float32]:
    """Turns ages into normal distributions over whole years.

    Args:
      ages_years: Shape `(n,)`; ages beyond 100 count as 100.
      sigma_years: Spread.

    Returns:
      Shape `(n, 101)`, rows sum to 1.
    """
    gaps = AGES - np.clip(ages_years, 0, AGES[-1])[:, None]
    weights = np.exp(-0.5 * np.square(gaps / sigma_years))
    return (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)


@keras.saving.register_keras_serializable("tillage")
class DistributionLoss(keras.losses.Loss):
    """KL divergence to the label's distribution, plus the L1 error of the mean."""

    def __init__(self, mean_loss_weight: float, **options: object) -> None:
        """Sets the weight of the L1 error, in years, against the divergence."""
        super().__init__(**options)
        self.mean_loss_weight = mean_loss_weight

    def call(self, y_true, y_pred):  # type: ignore[no-untyped-def]  # backend tensors
        """Computes one loss a row, from two `(batch, 101)` distributions."""
        divergence = keras.losses.kl_divergence(y_true, y_pred)
        error = keras.ops.abs(mean_age(y_true) - mean_age(y_pred))
        return divergence + self.mean_loss_weight * error


def mean_age(distributions):  # type: ignore[no-untyped-def]  # backend tensors
    """Computes the mean age of each row of `(batch, 101)`, in years."""
    return keras.ops.sum(keras.ops.multiply(distributions, AGES), axis=-1)


def mean_age_error(y_true, y_pred):  # type: ignore[no-untyped-def]  # backend tensors
    """Computes the absolute error of the mean age of each row: a Keras metric."""
    return keras.ops.abs(mean_age(y_true) - mean_age(y_pred))
