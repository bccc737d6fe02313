"""Turns a Keras model into an OpenVINO model, and that into int8."""

import contextlib
import dataclasses
import logging
import pathlib
import sys
import tempfile

import keras
import nncf
import numpy as np
import numpy.typing as npt
import openvino
from nncf.quantization import range_estimator

_KERNEL_OPERATIONS = {"Convolution": (2, 3, 1, 0), "MatMul": (1, 0)}


class QuantizeError(Exception):
    """A model cannot be exported; the message says which layer."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Int8Settings:
    """One way to quantise; see NNCF's `quantize`.

    Attributes:
      name: In words, for the model card.
      keeps_first_float: Whether the first convolution stays float32, which sees the
        pixels: rounded, they shift all that follows.
      photos_factor: How many times the asked for photos set the ranges.
      is_mixed: Whether activations have a zero point of their own.
      keeps_extremes: Whether ranges hold all that was seen; else its average over
        photos, so that rare large values are cut off.
      corrects_bias_fully: Whether each layer's bias is corrected behind the layers
        that are quantised already; else on its own, which is faster.
    """

    name: str
    keeps_first_float: bool = False
    photos_factor: int = 1
    is_mixed: bool = False
    keeps_extremes: bool = False
    corrects_bias_fully: bool = False


def to_openvino(model: keras.Model) -> openvino.Model:
    """Exports a Keras model in float32.

    Args:
      model: Flat; its batch normalisations each follow a convolution.

    Returns:
      The same function. Its convolutions and dense layers carry the names of
      their Keras layers, by which `inference.dequantize` finds them.

    Raises:
      QuantizeError: a layer is not found in the export.
    """
    exported = export(model)
    _name_operations(exported, model)
    return exported


def export(model: keras.Model) -> openvino.Model:
    """Exports a Keras model in float32, without names for its layers."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "model.xml"
        model.export(str(path), format="openvino", verbose=False)
        core = openvino.Core()
        # A mapped file must not be deleted under a model that is in use.
        core.set_property({"ENABLE_MMAP": False})
        return core.read_model(path)


def to_int8(
    exported: openvino.Model,
    faces: npt.NDArray[np.uint8],
    settings: Int8Settings,
) -> openvino.Model:
    """Quantises weights and activations, by NNCF post-training quantisation.

    Args:
      exported: From `to_openvino`; it stays as it is.
      faces: Crops that set the ranges, shape `(n, height, width, 3)`.
      settings: How.

    Returns:
      The int8 model.
    """
    logging.getLogger("nncf").setLevel(logging.ERROR)
    photos = nncf.Dataset([faces[row : row + 1] for row in range(len(faces))])
    # Its progress bars would end up among the results.
    with contextlib.redirect_stdout(sys.stderr):
        return nncf.quantize(
            exported,
            photos,
            subset_size=len(faces),
            preset=_preset(settings),
            fast_bias_correction=not settings.corrects_bias_fully,
            ignored_scope=nncf.IgnoredScope(names=_kept(exported, settings)),
            advanced_parameters=nncf.AdvancedQuantizationParameters(
                activations_range_estimator_params=_ranges(settings),
                # CPUs without VNNI add products up in 16 bits, and clip the sums of
                # large weights: half the range, and every CPU says the same.
                overflow_fix=nncf.OverflowFix.ENABLE,
            ),
        )


def _kept(exported: openvino.Model, settings: Int8Settings) -> list[str]:
    """Names the operations that stay float32."""
    convolutions = [
        operation.get_friendly_name()
        for operation in exported.get_ordered_ops()
        if operation.get_type_name() == "Convolution"
    ]
    return convolutions[:1] if settings.keeps_first_float else []


def _preset(settings: Int8Settings) -> nncf.QuantizationPreset:
    presets = nncf.QuantizationPreset
    return presets.MIXED if settings.is_mixed else presets.PERFORMANCE


def _ranges(settings: Int8Settings) -> range_estimator.RangeEstimatorParameters:
    ways = range_estimator.RangeEstimatorParametersSet
    return ways.MINMAX if settings.keeps_extremes else ways.MEAN_MINMAX


def _name_operations(exported: openvino.Model, model: keras.Model) -> None:
    """Names operations after the layers whose weights they hold.

    The export folds normalisations into kernels and forgets the layers' names.
    """
    folded = _folded_kernels(model)
    for operation in exported.get_ops():
        kind = operation.get_type_name()
        if kind not in _KERNEL_OPERATIONS:
            continue
        kernel = operation.input_value(1).get_node().data
        if kind == "Convolution" or operation.get_attributes()["transpose_b"]:
            kernel = kernel.transpose(_KERNEL_OPERATIONS[kind])
        operation.set_friendly_name(_closest(kernel, folded))
    if folded:
        raise QuantizeError(f"layer {min(folded)} is not in the exported model")


def _closest(
    kernel: npt.NDArray[np.float32], folded: dict[str, npt.NDArray[np.float32]]
) -> str:
    for name, candidate in folded.items():
        if candidate.shape == kernel.shape and np.allclose(
            candidate, kernel, rtol=1e-3, atol=1e-6
        ):
            del folded[name]
            return name
    raise QuantizeError(
        f"an exported kernel of shape {kernel.shape} belongs to no layer"
    )


def _folded_kernels(model: keras.Model) -> dict[str, npt.NDArray[np.float32]]:
    """Computes each layer's kernel, times the normalisation that follows it."""
    kernels = {}
    for layer in model.layers:
        if not isinstance(layer, keras.layers.Conv2D | keras.layers.Dense):
            continue
        kernel = np.asarray(layer.get_weights()[0])
        for node in layer._outbound_nodes:
            follower = node.operation
            if isinstance(follower, keras.layers.BatchNormalization):
                gamma, _, _, variance = follower.get_weights()
                kernel = kernel * (gamma / np.sqrt(variance + follower.epsilon))
        kernels[layer.name] = kernel
    return kernels
