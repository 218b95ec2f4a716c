"""A small writer of ONNX networks, for tests and the demo: only onnx and numpy."""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET = 14  # the first with HardSwish


class Graph:
    """Nodes and initialisers of one network; methods return a value's name."""

    def __init__(self, seed: int) -> None:
        self.random = np.random.default_rng(seed)
        self.nodes: list[onnx.NodeProto] = []
        self.initializers: list[onnx.TensorProto] = []

    def constant(self, name: str, value: np.ndarray) -> str:
        self.initializers.append(numpy_helper.from_array(np.ascontiguousarray(value, np.float32), name))
        return name

    def integers(self, name: str, values: list[int]) -> str:
        self.initializers.append(numpy_helper.from_array(np.array(values, np.int64), name))
        return name

    def node(self, op: str, name: str, inputs: list[str], **attributes: object) -> str:
        self.nodes.append(helper.make_node(op, inputs, [name], name=name, **attributes))
        return name

    def split(self, name: str, x: str, sizes: list[int]) -> list[str]:
        """Parts of the channels, one after the other."""
        parts = [f"{name}.{index}" for index in range(len(sizes))]
        counts = self.integers(f"{name}.sizes", sizes)
        self.nodes.append(helper.make_node("Split", [x, counts], parts, name=name, axis=1))
        return parts

    def model(self, name: str, shape: tuple[int, ...], classes: int) -> onnx.ModelProto:
        graph = helper.make_graph(
            self.nodes, name,
            [helper.make_tensor_value_info("image", TensorProto.FLOAT, shape)],
            [helper.make_tensor_value_info("logits", TensorProto.FLOAT, (1, classes))], self.initializers)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="lcp-test")
        model.ir_version = 8
        return model

    def save(self, path: Path, name: str, shape: tuple[int, ...], classes: int) -> None:
        model = self.model(name, shape, classes)
        onnx.checker.check_model(model)
        onnx.save(model, str(path))
