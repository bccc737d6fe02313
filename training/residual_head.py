"""Turns a model of one number, an age, into a model of a distribution over ages.

The distribution is normal: its spread and bias are those of the model's errors on
photos that it did not learn from. It needs no layer of its own kind, because the
softmax of a linear function of the age is a normal distribution of fixed spread:
`-(a - b - y)² / 2s²` is `(a - b) y / s² - (a - b)² / 2s²`, plus what all ages share.
"""

import keras
import numpy as np
import numpy.typing as npt

from schemas import fields
from training import errors

_MIN_RESIDUALS = 2
_MIN_SPREAD_YEARS = 0.5
_AGES = np.arange(fields.NUM_AGES, dtype=np.float64)

Floats = npt.NDArray[np.float64]


class ResidualsError(errors.InputError):
    """The errors of a model cannot be known; the message says what to give."""


def to_distribution(model: keras.Model, residuals_years: Floats) -> keras.Model:
    """Replaces the last layer, which predicts an age, by a distribution over ages.

    Args:
      model: Flat; its last layer is `Dense(1)` without an activation, in years.
      residuals_years: Real age minus predicted age of people that `model` did not
        learn from, shape `(n,)`.

    Returns:
      A model, uncompiled, of the same input to float32 `(batch, 101)`, rows sum to
      1; the other layers are shared, not copied. What lies beyond 0 to 100 years is
      cut off.

    Raises:
      ResidualsError: there are fewer than two residuals.
      ValueError: the last layer is another, or a residual is not finite.
    """
    last = model.layers[-1]
    _check_layer(last)
    bias_years, spread_years = _moments(residuals_years)
    ages = keras.layers.Dense(
        fields.NUM_AGES, activation="softmax", dtype="float32", name="ages"
    )
    joined = keras.Model(model.input, ages(last.input), name="age_model")
    kernel, offset = (np.asarray(values, np.float64) for values in last.get_weights())
    slopes = (_AGES - bias_years) / spread_years**2
    constants = -np.square(_AGES - bias_years) / (2 * spread_years**2)
    ages.set_weights([kernel * slopes, offset * slopes + constants])
    return joined


def _check_layer(layer: keras.layers.Layer) -> None:
    is_one_number = isinstance(layer, keras.layers.Dense) and layer.units == 1
    if not (is_one_number and layer.use_bias and _is_linear(layer)):
        raise ValueError(
            "the last layer must be Dense(1) with a bias and no activation. "
            f"Received: {layer.name} of {type(layer).__name__}"
        )


def _is_linear(layer: keras.layers.Dense) -> bool:
    return bool(layer.activation is keras.activations.linear)


def _moments(residuals_years: Floats) -> tuple[float, float]:
    """Computes mean and spread, the latter not under half a year."""
    if len(residuals_years) < _MIN_RESIDUALS:
        raise ResidualsError(
            "a model of one number takes its distribution from its errors on the "
            f"split 'validation', which holds {len(residuals_years)} photos; "
            f"give more, so that it holds at least {_MIN_RESIDUALS}"
        )
    if not np.isfinite(residuals_years).all():
        raise ValueError("residuals_years must be finite.")
    spread = float(np.std(residuals_years, ddof=1))
    return float(np.mean(residuals_years)), max(spread, _MIN_SPREAD_YEARS)
