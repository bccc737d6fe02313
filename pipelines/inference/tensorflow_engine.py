"""Runs the model of a bundle with TensorFlow: for GPUs, or by choice."""

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from pipelines.inference import bundle as bundles
from pipelines.inference import keras_model
from schemas import fields

_BATCH = 16
"""TensorFlow's results depend on the size of the batch: so it is always this."""


class TensorflowPredictor:
    """See `engines.AgePredictor`.

    For which weights, see `keras_model.load`.
    """

    def __init__(self, bundle: bundles.Bundle, num_threads: int = 1) -> None:
        """Loads the model.

        Args:
          bundle: A verified bundle.
          num_threads: CPU threads of one call; only the first engine of a process
            can choose.
        """
        _configure(num_threads)
        model = keras_model.load(bundle)
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
