"""Runs the model of a bundle with TensorFlow: for GPUs, or by choice."""

import pathlib
import typing

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf

from pipelines.inference import bundle as bundles
from pipelines.inference import dequantize
from schemas import fields

_BATCH = 16
"""TensorFlow's results depend on the size of the batch: so it is always this."""


class TensorflowPredictor:
    """See `engines.AgePredictor`.

    Takes the float32 model where the bundle has it; else the int8 weights of the
    OpenVINO model, turned back into float32.
    """

    def __init__(self, bundle: bundles.Bundle, num_threads: int = 1) -> None:
        """Loads the model.

        Args:
          bundle: A verified bundle.
          num_threads: CPU threads of one call; only the first engine of a process
            can choose.
        """
        _configure(num_threads)
        if bundle.has(bundles.KERAS_MODEL):
            path = bundle.folder / bundles.KERAS_MODEL
            model = keras.saving.load_model(path, compile=False)
        else:
            model = _rebuilt(bundle.folder)
        self._shape = (_BATCH, bundle.card.height, bundle.card.width, 3)
        signature = tf.TensorSpec(self._shape, tf.uint8)
        self._run = tf.function(
            lambda faces: model(faces, training=False), input_signature=[signature]
        )

    def predict(self, faces: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """See `engines.AgePredictor.predict`."""
        parts = [
            self._predict_padded(faces[start : start + _BATCH])
            for start in range(0, len(faces), _BATCH)
        ]
        return np.concatenate([np.zeros((0, fields.NUM_AGES), np.float32), *parts])

    def _predict_padded(self, faces: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        padded = np.zeros(self._shape, np.uint8)
        padded[: len(faces)] = faces
        found: npt.NDArray[np.float32] = self._run(padded).numpy()
        return found[: len(faces)]


def _configure(num_threads: int) -> None:
    for gpu in tf.config.list_physical_devices("GPU"):
        tf.config.experimental.set_memory_growth(gpu, enable=True)
    try:
        tf.config.threading.set_intra_op_parallelism_threads(num_threads)
        tf.config.threading.set_inter_op_parallelism_threads(1)
    except RuntimeError:
        # TensorFlow is running already, with the threads of its first user.
        return


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
