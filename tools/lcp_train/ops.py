"""The ONNX operators that the compiler writes, as PyTorch functions.

A maker looks at a node once, when a model is loaded, and returns what runs it:
`run(module, *tensors)`, with the tensors in the order of the node's inputs.
Inputs that are settings (a shape, a bound, a ratio) are read by the maker and
are not among the tensors.
"""

from collections.abc import Callable
from math import inf, prod

import numpy as np
import onnx
import torch
from torch import Tensor, nn
from torch.nn import functional

from .lrn import local_response_norm

Run = Callable[..., Tensor]


class Unsupported(Exception):
    """Why a node cannot be trained through."""


class Node:
    """A node with its attributes and constant inputs at hand."""

    def __init__(self, proto: onnx.NodeProto, constants: dict[str, np.ndarray], batch: int) -> None:
        self.op, self.inputs, self.batch = proto.op_type, list(proto.input), batch
        self.attributes = {a.name: onnx.helper.get_attribute_value(a) for a in proto.attribute}
        self.constants = constants
        self.settings: set[int] = set()

    def get(self, name: str, default: object = None) -> object:
        return self.attributes.get(name, default)

    def ints(self, name: str, default: list[int]) -> list[int]:
        return [int(i) for i in self.attributes.get(name, default)]

    def setting(self, index: int, default: object = None) -> object:
        """A constant input as Python numbers; `default` when it is absent."""
        if index >= len(self.inputs) or not self.inputs[index]:
            return default
        if self.inputs[index] not in self.constants:
            raise Unsupported(f"its input {index} is not a constant")
        self.settings.add(index)
        return self.constants[self.inputs[index]].tolist()

    def tensors(self) -> list[str]:
        """The names of the inputs that `run` gets."""
        return [name for i, name in enumerate(self.inputs) if name and i not in self.settings]


def pads_2d(node: Node) -> list[int]:
    """top, left, bottom, right."""
    if node.get("auto_pad", b"NOTSET") not in (b"NOTSET", b"VALID"):
        raise Unsupported("auto_pad")
    pads = node.ints("pads", [0, 0, 0, 0])
    if len(pads) != 4:
        raise Unsupported("only images of two dimensions")
    return pads


def padded(x: Tensor, pads: list[int], value: float = 0.0) -> Tensor:
    top, left, bottom, right = pads
    return functional.pad(x, (left, right, top, bottom), value=value) if any(pads) else x


def conv(node: Node) -> Run:
    pads, strides = pads_2d(node), node.ints("strides", [1, 1])
    dilations, groups = node.ints("dilations", [1, 1]), int(node.get("group", 1))
    equal = pads[:2] == pads[2:]

    def run(module: nn.Module, x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
        if equal:
            return functional.conv2d(x, weight, bias, strides, pads[:2], dilations, groups)
        return functional.conv2d(padded(x, pads), weight, bias, strides, 0, dilations, groups)
    return run


def gemm(node: Node) -> Run:
    if node.get("transA", 0) or node.get("alpha", 1.0) != 1 or node.get("beta", 1.0) != 1:
        raise Unsupported("transA, alpha or beta")
    transposed = bool(node.get("transB", 0))

    def run(module: nn.Module, x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
        return functional.linear(x, weight if transposed else weight.t(), bias)
    return run


def batch_norm(node: Node) -> Run:
    epsilon, kept = float(node.get("epsilon", 1e-5)), float(node.get("momentum", 0.9))

    def run(module: nn.Module, x: Tensor, scale: Tensor, bias: Tensor, mean: Tensor, variance: Tensor) -> Tensor:
        return functional.batch_norm(x, mean, variance, scale, bias, module.training, 1 - kept, epsilon)
    return run


def window(node: Node) -> tuple[list[int], list[int], list[int]]:
    if node.get("ceil_mode", 0):
        raise Unsupported("ceil_mode")
    return node.ints("kernel_shape", []), node.ints("strides", [1, 1]), pads_2d(node)


def max_pool(node: Node) -> Run:
    kernel, strides, pads = window(node)
    dilations = node.ints("dilations", [1, 1])
    return lambda module, x: functional.max_pool2d(padded(x, pads, -inf), kernel, strides, 0, dilations)


def average_pool(node: Node) -> Run:
    kernel, strides, pads = window(node)
    if node.ints("dilations", [1, 1]) != [1, 1]:
        raise Unsupported("dilations")
    include = bool(node.get("count_include_pad", 0)) or not any(pads)

    def run(module: nn.Module, x: Tensor) -> Tensor:
        mean = functional.avg_pool2d(padded(x, pads), kernel, strides)
        if include:
            return mean
        share = functional.avg_pool2d(padded(torch.ones_like(x[:1, :1]), pads), kernel, strides)
        return mean / share
    return run


def lrn(node: Node) -> Run:
    size, alpha = int(node.get("size", 0)), float(node.get("alpha", 1e-4))
    beta, bias = float(node.get("beta", 0.75)), float(node.get("bias", 1.0))
    return lambda module, x: local_response_norm(x, size, alpha, beta, bias)


def clip(node: Node) -> Run:
    low, high = node.setting(1), node.setting(2)
    if low is None and high is None:
        return lambda module, x: x
    return lambda module, x: x.clamp(low, high)


def hard_sigmoid(node: Node) -> Run:
    alpha, beta = float(node.get("alpha", 0.2)), float(node.get("beta", 0.5))
    return lambda module, x: (alpha * x + beta).clamp(0, 1)


def dropout(node: Node) -> Run:
    ratio = float(node.setting(1, 0.5))
    node.setting(2)

    def run(module: nn.Module, x: Tensor) -> Tensor:
        return functional.dropout(x, ratio if module.dropout_ratio is None else module.dropout_ratio, module.training)
    return run


def reshape(node: Node) -> Run:
    shape = node.setting(1)
    if shape is None or len(shape) < 2 or shape[0] not in (0, node.batch):
        raise Unsupported("it reshapes across the batch")
    if 0 in shape[1:]:
        raise Unsupported("it copies a dimension")
    return lambda module, x: x.reshape(x.shape[0], *shape[1:])


def flatten(node: Node) -> Run:
    axis = int(node.get("axis", 1))
    if axis < 1:
        raise Unsupported("it flattens the batch")
    return lambda module, x: x.reshape(prod(x.shape[:axis]), -1)


def transpose(node: Node) -> Run:
    order = node.ints("perm", [])
    return lambda module, x: x.permute(order)


def slice_axes(node: Node) -> Run:
    starts, ends, axes = node.setting(1), node.setting(2), node.setting(3)
    if axes is None or set(node.setting(4, [1])) != {1}:
        raise Unsupported("its axes are not given, or its steps are not 1")
    index = [slice(None)] * (max(axes) + 1)
    for start, end, axis in zip(starts, ends, axes):
        if axis < 0:
            raise Unsupported("an axis counted from the end")
        index[axis] = slice(start, end)
    return lambda module, x: x[tuple(index)]


def pad(node: Node) -> Run:
    amounts, value = node.setting(1), float(node.setting(2, 0.0))
    if node.get("mode", b"constant") != b"constant" or len(node.inputs) > 3:
        raise Unsupported("a mode other than constant, or axes")
    rank = len(amounts) // 2
    # PyTorch counts from the last axis, low and high side by side.
    order = [amounts[axis + side * rank] for axis in reversed(range(rank)) for side in (0, 1)]
    return lambda module, x: functional.pad(x, order, value=value)


def gather(node: Node) -> Run:
    axis, indices = int(node.get("axis", 0)), node.setting(1)
    if not isinstance(indices, list) or axis == 0:
        raise Unsupported("it gathers along the batch, or one element")
    return lambda module, x: x.index_select(axis, torch.tensor(indices, device=x.device))


def concat(node: Node) -> Run:
    axis = int(node.get("axis", 1))
    return lambda module, *parts: torch.cat(parts, axis)


def softmax(node: Node) -> Run:
    axis = int(node.get("axis", -1))
    return lambda module, x: x.softmax(axis)


def leaky_relu(node: Node) -> Run:
    alpha = float(node.get("alpha", 0.01))
    return lambda module, x: functional.leaky_relu(x, alpha)


def simple(function: Callable[..., Tensor]) -> Callable[[Node], Run]:
    """A maker for an operator without attributes."""
    return lambda node: lambda module, *tensors: function(*tensors)


MAKERS: dict[str, Callable[[Node], Run]] = {
    "Add": simple(torch.add),
    "AveragePool": average_pool,
    "BatchNormalization": batch_norm,
    "Clip": clip,
    "Concat": concat,
    "Conv": conv,
    "Dropout": dropout,
    "Flatten": flatten,
    "Gather": gather,
    "Gemm": gemm,
    "GlobalAveragePool": simple(lambda x: x.mean((2, 3), keepdim=True)),
    "HardSigmoid": hard_sigmoid,
    "HardSwish": simple(functional.hardswish),
    "Identity": simple(lambda x: x),
    "LRN": lrn,
    "LeakyRelu": leaky_relu,
    "MaxPool": max_pool,
    "Mul": simple(torch.mul),
    "Pad": pad,
    "Relu": simple(torch.relu),
    "Reshape": reshape,
    "Sigmoid": simple(torch.sigmoid),
    "Slice": slice_axes,
    "Softmax": softmax,
    "Sub": simple(torch.sub),
    "Sum": simple(lambda *terms: sum(terms[1:], terms[0])),
    "Tanh": simple(torch.tanh),
    "Transpose": transpose,
}
