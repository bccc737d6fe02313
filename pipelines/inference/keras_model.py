"""The Keras model of a bundle."""

import pathlib
import typing

import keras
import numpy as np

from pipelines.inference import bundle as bundles
from pipelines.inference import dequantize


def load(bundle: bundles.Bundle) -> typing.Any:
    """Loads the float32 model where the bundle has it.

    Else it is built anew with the int8 weights of the OpenVINO model, turned back
    into float32.

    Args:
      bundle: A verified bundle.

    Returns:
      A `keras.Model`, uncompiled, of uint8 faces to float32 `(batch, 101)`.
    """
    if bundle.has(bundles.KERAS_MODEL):
        path = bundle.folder / bundles.KERAS_MODEL
        return keras.saving.load_model(path, compile=False, safe_mode=True)
    return _rebuilt(bundle.folder)


def _rebuilt(folder: pathlib.Path) -> typing.Any:
    """Builds the Keras model anew, with the weights of the OpenVINO model.

    There, each batch normalisation is folded into the layer before it; here, it is
    made to do nothing.
    """
    architecture = (folder / bundles.ARCHITECTURE).read_text()
    model = keras.models.model_from_json(architecture)
    folded = dequantize.read_weights(folder / bundles.MODEL_XML)
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            ones = np.ones(layer.gamma.shape, np.float32)
            zeros = np.zeros_like(ones)
            layer.set_weights([ones, zeros, zeros, ones - layer.epsilon])
        elif layer.weights:
            kernel, bias = folded[layer.name]
            layer.set_weights([kernel, bias])
    return model
