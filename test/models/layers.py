"""Layers that know the size of what they read: the networks of build.py are
written with these. A value is its name, channels, height and width."""

from typing import NamedTuple

import numpy as np
from onnx import TensorProto

import graph


# What a layer's variance is multiplied by to make up for its activation.
GAINS = {"": 1.0, "relu": 2.0, "relu6": 2.0, "leaky": 2.0, "swish": 3.0, "hard_swish": 3.0}


class Image(NamedTuple):
    name: str
    channels: int
    height: int
    width: int


def same(size: int, kernel: int, stride: int) -> list[int]:
    """The pads before and after that leave ceil(size / stride) positions; the odd one behind."""
    pad = max(0, ((size + stride - 1) // stride - 1) * stride + kernel - size)
    return [pad // 2, pad - pad // 2]


class Layers(graph.Graph):
    """`factor` multiplies every layer's channels; a narrower network's are
    multiples of 8, and at least 8, so that it still divides into 8 branches.
    Without `weights` constants have a shape and no values: enough to count by."""

    def __init__(self, seed: int, factor: float, weights: bool = True) -> None:
        super().__init__(seed)
        self.factor = factor
        self.weights = weights

    def scaled(self, channels: int) -> int:
        return channels if self.factor == 1 else max(8, round(channels * self.factor / 8) * 8)

    def drawn(self, name: str, deviation: float, shape: tuple[int, ...]) -> str:
        if self.weights:
            return self.constant(name, self.random.normal(0, deviation, shape))
        self.initializers.append(TensorProto(name=name, data_type=TensorProto.FLOAT, dims=shape))
        return name

    def conv(self, name: str, x: Image, channels: int, kernel: int, stride: int = 1, groups: int = 1,
             gain: float = 2.0, pad: str = "same", bias: bool = False) -> Image:
        """`pad` is valid, same (kernel // 2 all around) or tensorflow (its own "same")."""
        height, width = x.height, x.width
        pads = {"valid": [0] * 4, "same": [kernel // 2] * 4}.get(pad)
        if pads is None:
            (top, bottom), (left, right) = same(height, kernel, stride), same(width, kernel, stride)
            pads = [top, left, bottom, right]
        inner = x.channels // groups
        inputs = [x.name, self.drawn(f"{name}.weight", np.sqrt(gain / (inner * kernel * kernel)),
                                     (channels, inner, kernel, kernel))]
        if bias:
            inputs.append(self.drawn(f"{name}.bias", 0.1, (channels,)))
        self.node("Conv", name, inputs, kernel_shape=[kernel] * 2, strides=[stride] * 2, pads=pads, group=groups)
        return Image(name, channels, (height + pads[0] + pads[2] - kernel) // stride + 1,
                     (width + pads[1] + pads[3] - kernel) // stride + 1)

    def norm(self, name: str, x: Image, scale: float = 1.0) -> Image:
        """Statistics near those of a unit normal, as after training they would be."""
        values = {
            "weight": scale * self.random.uniform(0.8, 1.2, x.channels),
            "bias": self.random.normal(0, 0.1, x.channels),
            "running_mean": self.random.normal(0, 0.1, x.channels),
            "running_var": self.random.uniform(0.8, 1.25, x.channels),
        }
        parameters = [self.constant(f"{name}.{key}", value) for key, value in values.items()]
        return x._replace(name=self.node("BatchNormalization", name, [x.name, *parameters], epsilon=1e-5))

    def unary(self, op: str, name: str, x: Image, **attributes: object) -> Image:
        return x._replace(name=self.node(op, name, [x.name], **attributes))

    def activate(self, kind: str, name: str, x: Image) -> Image:
        if kind == "leaky":
            return self.unary("LeakyRelu", name, x, alpha=0.1)
        if kind == "relu6":
            bounds = [self.constant(f"{name}.low", np.array(0)), self.constant(f"{name}.high", np.array(6))]
            return x._replace(name=self.node("Clip", name, [x.name, *bounds]))
        if kind == "swish":
            gate = self.unary("Sigmoid", f"{name}.gate", x)
            return x._replace(name=self.node("Mul", name, [x.name, gate.name]))
        return self.unary({"relu": "Relu", "hard_swish": "HardSwish"}[kind], name, x)

    def conv_norm(self, name: str, x: Image, channels: int, kernel: int, stride: int = 1, groups: int = 1,
                  act: str = "relu", pad: str = "same", scale: float = 1.0, gain: float | None = None) -> Image:
        """Convolution, batch normalisation, activation (which may be "")."""
        y = self.conv(name, x, channels, kernel, stride, groups, gain or GAINS[act], pad)
        y = self.norm(f"{name}_bn", y, scale)
        return self.activate(act, f"{name}_act", y) if act else y

    def conv_relu(self, name: str, x: Image, channels: int, kernel: int, stride: int = 1, pad: str = "same") -> Image:
        return self.unary("Relu", f"{name}_relu", self.conv(name, x, channels, kernel, stride, pad=pad, bias=True))

    def pool(self, name: str, x: Image, kernel: int, stride: int, pad: str = "valid", op: str = "MaxPool") -> Image:
        """`pad` as for conv, or "ceil": what is left over at the far end counts too."""
        def pads(size: int) -> list[int]:
            if pad == "same":
                return [kernel // 2] * 2
            if pad == "tensorflow":
                return same(size, kernel, stride)
            return [0, -(size - kernel) % stride if pad == "ceil" else 0]
        (top, bottom), (left, right) = pads(x.height), pads(x.width)
        self.node(op, name, [x.name], kernel_shape=[kernel] * 2, strides=[stride] * 2,
                  pads=[top, left, bottom, right])
        return Image(name, x.channels, (x.height + top + bottom - kernel) // stride + 1,
                     (x.width + left + right - kernel) // stride + 1)

    def add(self, name: str, x: Image, y: Image) -> Image:
        return x._replace(name=self.node("Add", name, [x.name, y.name]))

    def concat(self, name: str, parts: list[Image]) -> Image:
        self.node("Concat", name, [part.name for part in parts], axis=1)
        return parts[0]._replace(name=name, channels=sum(part.channels for part in parts))

    def flatten(self, x: Image) -> Image:
        return Image(self.node("Flatten", "flatten", [x.name], axis=1), x.channels * x.height * x.width, 1, 1)

    def global_pool(self, x: Image) -> Image:
        return self.flatten(Image(self.node("GlobalAveragePool", "pool", [x.name]), x.channels, 1, 1))

    def dense(self, name: str, x: Image, channels: int, gain: float = 2.0) -> Image:
        weight = self.drawn(f"{name}.weight", np.sqrt(gain / x.channels), (channels, x.channels))
        bias = self.drawn(f"{name}.bias", 0.1, (channels,))
        return Image(self.node("Gemm", name, [x.name, weight, bias], transB=1), channels, 1, 1)

    def dense_relu(self, name: str, x: Image, channels: int) -> Image:
        return self.unary("Relu", f"{name}_relu", self.dense(name, x, channels))

    def classify(self, x: Image, classes: int) -> None:
        self.dense("logits", x, classes, gain=1.0)
