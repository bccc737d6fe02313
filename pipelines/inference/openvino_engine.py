"""Runs the int8 model of a bundle with OpenVINO, on CPUs."""

import pathlib
import threading

import numpy as np
import numpy.typing as npt
import openvino

from schemas import fields

# OpenVINO makes its table of dtypes when it is first asked for one. Two threads that
# ask at the same time wait for each other for ever.
_STARTING = threading.Lock()


class OpenvinoPredictor:
    """See `engines.AgePredictor`."""

    def __init__(
        self, model: pathlib.Path | openvino.Model, num_threads: int = 1
    ) -> None:
        """Compiles the model.

        Args:
          model: Path of the model of a verified bundle, or a model in memory.
          num_threads: CPU threads of one call; 0: all.
        """
        self._compiled = compile_on_cpu(model, num_threads)
        self._own = threading.local()

    def predict(self, faces: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """See `engines.AgePredictor.predict`."""
        if not len(faces):
            return np.zeros((0, fields.NUM_AGES), np.float32)
        request = self._own_request()
        request.infer({0: np.ascontiguousarray(faces)}, share_inputs=True)
        # The request's own buffer is overwritten by the next call.
        return np.array(request.get_output_tensor().data, dtype=np.float32)

    def _own_request(self) -> openvino.InferRequest:
        # Threads that shared one would take each other's results.
        if not hasattr(self._own, "request"):
            self._own.request = self._compiled.create_infer_request()
        request: openvino.InferRequest = self._own.request
        return request


def compile_on_cpu(
    model: pathlib.Path | openvino.Model, num_threads: int = 1
) -> openvino.CompiledModel:
    """Compiles a model, for CPUs, to compute in float32 what is not quantised.

    Args:
      model: Path of a model, or one in memory.
      num_threads: CPU threads of one call; 0: all.
    """
    settings = {
        "INFERENCE_NUM_THREADS": num_threads,
        "NUM_STREAMS": 1,
        # Pinned, two worker processes would share one core.
        "ENABLE_CPU_PINNING": False,
        # The default on CPUs with bf16 units is bf16.
        "INFERENCE_PRECISION_HINT": "f32",
    }
    with _STARTING:
        openvino.Type.u8.to_dtype()
        return openvino.Core().compile_model(model, "CPU", settings)
