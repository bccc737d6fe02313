"""One seam for all engines that turn faces into age distributions."""

import importlib.util
import typing

import numpy as np
import numpy.typing as npt

from pipelines.inference import bundle as bundles

ENGINES = ("openvino", "tensorflow")


class AgePredictor(typing.Protocol):
    """A loaded model, which threads may share."""

    def predict(self, faces: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """Predicts ages.

        Args:
          faces: RGB crops, shape `(n, height, width, 3)`, dtype uint8.

        Returns:
          Distributions over ages 0 to 100, shape `(n, 101)`, rows sum to 1. A row
          depends on its own face alone, not on the others of the batch.
        """


class EngineError(Exception):
    """An engine cannot be loaded; the message says why, and what to do."""


def check_installed(engine: str) -> None:
    """Finds out, without importing it, whether an engine's framework is there.

    Raises:
      EngineError: it is not.
    """
    if importlib.util.find_spec(engine) is None:
        raise EngineError(
            f"engine {engine} is not installed; install it with pip install "
            f"'tillage[{engine}]', or choose another --engine"
        )


def make(engine: str, bundle: bundles.Bundle, num_threads: int = 1) -> AgePredictor:
    """Loads a model; the framework is imported here, not before.

    Args:
      engine: One of `ENGINES`.
      bundle: A verified bundle.
      num_threads: CPU threads that one call may use.

    Raises:
      EngineError: the engine is not known.
      ModuleNotFoundError: it is not installed; see `check_installed`.
    """
    if engine == "openvino":
        from pipelines.inference import openvino_engine

        path = bundle.folder / bundles.MODEL_XML
        return openvino_engine.OpenvinoPredictor(path, num_threads)
    if engine == "tensorflow":
        from pipelines.inference import tensorflow_engine

        return tensorflow_engine.TensorflowPredictor(bundle, num_threads)
    raise EngineError(f"engine must be one of {ENGINES}. Received: {engine!r}")
