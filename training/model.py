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
    trunk: keras.Model, fit: recipes.FitConfig, *, head_gain: float = 1.0
) -> keras.Model:
    """Puts pooling and a head on a trunk, whose layers stay shared.

    Args:
      trunk: From `build_trunk`.
      fit: Says which head.
      head_gain: Multiplies the pooled features: Adam's steps then move the new head
        so many times as far as the trunk, which knows something already.

    Returns:
      One flat model, uncompiled, to float32: for a distribution `(batch, 101)`,
      rows sum to 1; for a regression `(batch, 1)`, years.
    """
    values = keras.layers.GlobalAveragePooling2D(name="pool")(trunk.output)
    if fit.dropout:
        values = keras.layers.Dropout(fit.dropout, name="dropout")(values)
    if head_gain != 1:
        values = keras.layers.Rescaling(head_gain, name="gain", dtype="float32")(values)
    # From zero, all ages are alike at first, however large the features are.
    options = {"kernel_initializer": "zeros", "dtype": "float32"}
    head = (
        keras.layers.Dense(
            fields.NUM_AGES, activation="softmax", name="ages", **options
        )
        if fit.is_distribution
        else keras.layers.Dense(1, name="age", **options)
    )
    return keras.Model(trunk.input, head(values), name="age_model")


def without_gain(
    network: keras.Model, fit: recipes.FitConfig, head_gain: float
) -> keras.Model:
    """Builds the same function without the gain, in float32, for crops of any size.

    Returns:
      Flat, uncompiled; the gain is in the weights of the last layer.
    """
    plain = build_network(build_trunk(None), fit)
    *others, kernel, bias = network.get_weights()
    plain.set_weights([*others, kernel * head_gain, bias])
    return plain


def build_backbone(trunk: keras.Model) -> keras.Model:
    """Turns a trunk into a source of features, for the recipe `frozen-features`.

    Returns:
      A model of the trunk's input to float32 `(batch, features)`: the averages of a
      middle, a late and the last block.
    """
    pooled = [
        keras.layers.GlobalAveragePooling2D(name=f"{tap}_pool")(
            trunk.get_layer(tap).output
        )
        for tap in _TAPS
    ]
    features = keras.layers.Concatenate(name="features")(pooled)
    return keras.Model(trunk.input, features, name="backbone")


def build_head(
    mean: npt.NDArray[np.float32],
    spread: npt.NDArray[np.float32],
    settings: recipes.HeadConfig,
) -> keras.Model:
    """Builds the head, with random weights.

    Args:
      mean: Of each feature over the training photos, shape `(features,)`.
      spread: Standard deviation of each, above 0. Brought to one scale, all
        features survive the int8 ranges that they share.
      settings: Shape and regularisation.

    Returns:
      A model of float32 `(batch, features)` to float32 `(batch, 101)`, rows sum
      to 1.
    """
    features = keras.Input(mean.shape, name="head_input")
    standardise = keras.layers.Rescaling(
        (1 / spread).tolist(), (-mean / spread).tolist(), name="standardise"
    )
    # A head that bears noise also bears the rounding of int8.
    noise = keras.layers.GaussianNoise(settings.feature_noise, name="noise")
    values = noise(standardise(features))
    if settings.hidden_units:
        hidden = keras.layers.Dense(
            settings.hidden_units, activation="relu", name="hidden"
        )
        values = keras.layers.Dropout(settings.dropout, name="dropout")(hidden(values))
    ages = keras.layers.Dense(fields.NUM_AGES, activation="softmax", name="ages")
    return keras.Model(features, ages(values), name="head")


def join(backbone: keras.Model, head: keras.Model) -> keras.Model:
    """Puts a head on a backbone; the layers stay shared, not copied.

    Returns:
      One flat model, uncompiled: each layer is known by its own name.
    """
    values = backbone.output
    for layer in head.layers[1:]:
        values = layer(values)
    return keras.Model(backbone.input, values, name="age_model")
