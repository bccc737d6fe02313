"""The age model: uint8 faces in, a distribution over ages 0 to 100 out."""

import keras
import numpy as np
import numpy.typing as npt

from schemas import fields
from training import recipes

# What ResNet50's ImageNet weights expect: RGB means taken off, no other scaling.
_IMAGENET_OFFSETS = (-123.68, -116.779, -103.939)
# Late layers know objects, middle ones texture, such as skin.
_TAPS = ("conv3_block4_out", "conv4_block6_out", "conv5_block3_out")
FEATURES, STANDARDISE = "features", "standardise"
LEAST_VARIANCE = 1e-6

Moments = tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]


def build_trunk(image_size: int | None) -> keras.Model:
    """Builds ResNet50 with its scaling, with random weights.

    Args:
      image_size: Side of the input, pixels; None: any, while it is fitted.

    Returns:
      A model of uint8 RGB `(batch, image_size, image_size, 3)` to the last block's
      float `(batch, rows, columns, 2048)`.
    """
    photo = keras.Input((image_size, image_size, 3), dtype="uint8", name="face")
    scaled = keras.layers.Rescaling(
        1.0, offset=_IMAGENET_OFFSETS, name="scaling", dtype="float32"
    )
    resnet = keras.applications.ResNet50(
        include_top=False, weights=None, input_tensor=scaled(photo)
    )
    return keras.Model(photo, resnet.output, name="trunk")


def build_network(
    trunk: keras.Model, fit: recipes.FitConfig, moments: Moments | None = None
) -> keras.Model:
    """Puts pooling and a head on a trunk, whose layers stay shared.

    Args:
      trunk: From `build_trunk`.
      fit: Says which head.
      moments: Constants to standardise a distribution's features by; without them,
        a normalisation that can learn them.

    Returns:
      One flat model, uncompiled, to float32: for a distribution `(batch, 101)`,
      rows sum to 1; for a regression `(batch, 1)`, years.
    """
    # From zero, all ages are alike at first, however large the features are.
    options = {"kernel_initializer": "zeros", "dtype": "float32"}
    if not fit.is_distribution:
        values = _pooled(trunk, _TAPS[-1])
        if fit.dropout:
            values = keras.layers.Dropout(fit.dropout, name="dropout")(values)
        age = keras.layers.Dense(1, name="age", **options)
        return keras.Model(trunk.input, age(values), name="age_model")
    features = keras.layers.Concatenate(name=FEATURES, dtype="float32")(
        [_pooled(trunk, tap) for tap in _TAPS]
    )
    values = _standardised(features, moments)
    # A head that bears noise also bears the rounding of int8.
    values = keras.layers.GaussianNoise(
        fit.feature_noise, name="noise", dtype="float32"
    )(values)
    values = keras.layers.Dense(
        fit.hidden_units, activation="relu", name="hidden", dtype="float32"
    )(values)
    values = keras.layers.Dropout(fit.dropout, name="dropout", dtype="float32")(values)
    ages = keras.layers.Dense(
        fields.NUM_AGES, activation="softmax", name="ages", **options
    )
    return keras.Model(trunk.input, ages(values), name="age_model")


def with_constants(network: keras.Model, fit: recipes.FitConfig) -> keras.Model:
    """Fixes what brings the features of a distribution to one scale.

    Args:
      network: From `build_network`, without moments.
      fit: It was built by.

    Returns:
      The same function, flat, uncompiled; the trunk's layers stay shared. The export
      to int8 knows constants, and normalisations only behind convolutions.
    """
    mean, variance = network.get_layer(STANDARDISE).get_weights()
    spread = np.sqrt(variance + LEAST_VARIANCE)
    trunk = keras.Model(network.input, network.get_layer(_TAPS[-1]).output)
    fixed = build_network(trunk, fit, (mean, spread))
    for name in ("hidden", "ages"):
        fixed.get_layer(name).set_weights(network.get_layer(name).get_weights())
    return fixed


def _pooled(trunk: keras.Model, tap: str) -> keras.KerasTensor:
    pool = keras.layers.GlobalAveragePooling2D(name=f"{tap}_pool", dtype="float32")
    return pool(trunk.get_layer(tap).output)


def _standardised(
    features: keras.KerasTensor, moments: Moments | None
) -> keras.KerasTensor:
    """Brings features to one scale: so all survive the int8 range that they share."""
    if moments is None:
        layer = keras.layers.BatchNormalization(
            center=False,
            scale=False,
            epsilon=LEAST_VARIANCE,
            name=STANDARDISE,
            dtype="float32",
        )
        return layer(features)
    mean, spread = moments
    return keras.layers.Rescaling(
        (1 / spread).tolist(),
        (-mean / spread).tolist(),
        name=STANDARDISE,
        dtype="float32",
    )(features)
