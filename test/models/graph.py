"""A small writer of ONNX networks with seeded random weights, for tests and the
demo: only onnx and numpy. Channel counts are the caller's; every convolution's
weights are He-initialised, so that activations keep their size with depth."""

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET = 13


class Graph:
    """Nodes and initialisers of one network; methods return a value's name."""

    def __init__(self, seed: int) -> None:
        self.random = np.random.default_rng(seed)
        self.nodes: list[onnx.NodeProto] = []
        self.initializers: list[onnx.TensorProto] = []

    def constant(self, name: str, value: np.ndarray) -> str:
        self.initializers.append(numpy_helper.from_array(np.ascontiguousarray(value, np.float32), name))
        return name

    def node(self, op: str, name: str, inputs: list[str], **attributes: object) -> str:
        self.nodes.append(helper.make_node(op, inputs, [name], name=name, **attributes))
        return name

    def conv(self, name: str, x: str, inputs: int, outputs: int, kernel: int, stride: int = 1,
             groups: int = 1, gain: float = 2.0) -> str:
        """A convolution without bias, its image kept in size but for the stride."""
        fan_in = inputs // groups * kernel * kernel
        shape = (outputs, inputs // groups, kernel, kernel)
        weight = self.constant(f"{name}.weight", self.random.normal(0, np.sqrt(gain / fan_in), shape))
        return self.node("Conv", name, [x, weight], kernel_shape=[kernel] * 2, strides=[stride] * 2,
                         pads=[kernel // 2] * 4, group=groups)

    def batch_norm(self, name: str, x: str, channels: int, scale: float = 1.0) -> str:
        """Statistics near those of a unit normal, as after training they would be."""
        values = {
            "weight": scale * self.random.uniform(0.8, 1.2, channels),
            "bias": self.random.normal(0, 0.1, channels),
            "running_mean": self.random.normal(0, 0.1, channels),
            "running_var": self.random.uniform(0.8, 1.25, channels),
        }
        parameters = [self.constant(f"{name}.{key}", value) for key, value in values.items()]
        return self.node("BatchNormalization", name, [x, *parameters], epsilon=1e-5)

    def relu(self, name: str, x: str) -> str:
        return self.node("Relu", name, [x])

    def relu6(self, name: str, x: str) -> str:
        low, high = self.constant(f"{name}.low", np.array(0)), self.constant(f"{name}.high", np.array(6))
        return self.node("Clip", name, [x, low, high])

    def head(self, x: str, channels: int, classes: int) -> str:
        """Global average, flatten, classifier."""
        pooled = self.node("GlobalAveragePool", "pool", [x])
        flat = self.node("Flatten", "flatten", [pooled], axis=1)
        weight = self.constant("fc.weight", self.random.normal(0, 1 / np.sqrt(channels), (classes, channels)))
        bias = self.constant("fc.bias", self.random.normal(0, 0.1, classes))
        return self.node("Gemm", "logits", [flat, weight, bias], transB=1)

    def save(self, path: Path, name: str, shape: tuple[int, ...], classes: int) -> None:
        graph = helper.make_graph(
            self.nodes, name,
            [helper.make_tensor_value_info("image", TensorProto.FLOAT, shape)],
            [helper.make_tensor_value_info("logits", TensorProto.FLOAT, (1, classes))], self.initializers)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="lcp-test")
        model.ir_version = 8
        onnx.checker.check_model(model)
        onnx.save(model, str(path))


def command_line(description: str, make: Callable[[Path, float, int, int, int], None]) -> None:
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("-o", dest="out", type=Path, required=True)
    parser.add_argument("--width", type=float, default=1.0, help="factor on every layer's channels")
    parser.add_argument("--image", type=int, default=224, help="height and width of the input")
    parser.add_argument("--classes", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=18)
    args = parser.parse_args()
    make(args.out, args.width, args.image, args.classes, args.seed)
