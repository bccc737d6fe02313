"""Reads the weights of an int8 OpenVINO model back as float32."""

import pathlib
import typing

import numpy as np
import numpy.typing as npt
import openvino

Kernel = npt.NDArray[np.float32]

# How constants are wrapped: w = (int8 - zero point) * scale.
_ARITHMETIC: dict[str, typing.Callable[[Kernel, Kernel], Kernel]] = {
    "Subtract": np.subtract,
    "Multiply": np.multiply,
    "Add": np.add,
}


def read_weights(model_xml: pathlib.Path) -> dict[str, tuple[Kernel, Kernel]]:
    """Reads kernel and bias of each convolution and dense layer.

    Args:
      model_xml: An exported model, whose operations carry the names of the Keras
        layers that they come from; see `training.export`.

    Returns:
      By layer name: kernel in Keras' layout, `(height, width, in, out)` or
      `(in, out)`, and bias `(out,)`, zero where the model has none.
    """
    model = openvino.Core().read_model(str(model_xml))
    found = {}
    for operation in model.get_ops():
        kind = operation.get_type_name()
        if kind == "Convolution":
            kernel = _constant(operation.input_value(1)).transpose(2, 3, 1, 0)
        elif kind == "MatMul":
            kernel = _constant(operation.input_value(1))
            if operation.get_attributes()["transpose_b"]:
                kernel = kernel.T
        else:
            continue
        bias = _bias(operation, kernel.shape[-1])
        found[operation.get_friendly_name()] = (kernel, bias)
    return found


def _constant(output: openvino.Output) -> Kernel:
    """Evaluates a sub-graph of constants."""
    node = output.get_node()
    kind = node.get_type_name()
    if kind == "Constant":
        return np.asarray(node.data, dtype=np.float32)
    if kind == "Convert":
        return _constant(node.input_value(0))
    return _ARITHMETIC[kind](*(_constant(node.input_value(i)) for i in (0, 1)))


def _bias(operation: openvino.Node, num_outputs: int) -> Kernel:
    """Finds the constant that is added to an operation's result."""
    for target in operation.output(0).get_target_inputs():
        consumer = target.get_node()
        if consumer.get_type_name() != "Add":
            continue
        other = consumer.input_value(1 - target.get_index())
        if not _is_constant(other.get_node()):
            continue  # The other side of a residual connection.
        return _constant(other).reshape(num_outputs)
    return np.zeros(num_outputs, np.float32)


def _is_constant(node: openvino.Node) -> bool:
    if node.get_type_name() == "Constant":
        return True
    values = node.input_values()
    return bool(values) and all(_is_constant(value.get_node()) for value in values)
