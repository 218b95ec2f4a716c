"""An ONNX graph as a trainable PyTorch module, and back into the same graph.

The structure is the file's: nodes, names and metadata are kept, and writing
back changes only the values of the float initialisers. Needs PyTorch.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import nn
from torch.nn import functional


def attributes(node: onnx.NodeProto) -> dict:
    return {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}


def symmetric_pads(attrs: dict, node: onnx.NodeProto) -> list[int]:
    pads = attrs.get("pads", [0, 0, 0, 0])
    if attrs.get("auto_pad", b"NOTSET") != b"NOTSET" or pads[:2] != pads[2:]:
        raise ValueError(f"node '{node.name}': only symmetric pads can be trained here")
    return pads[:2]


def conv(attrs: dict, node: onnx.NodeProto, x: torch.Tensor, w: torch.Tensor,
         b: torch.Tensor | None = None) -> torch.Tensor:
    return functional.conv2d(x, w, b, attrs.get("strides", [1, 1]), symmetric_pads(attrs, node),
                             attrs.get("dilations", [1, 1]), attrs.get("group", 1))


def gemm(attrs: dict, node: onnx.NodeProto, x: torch.Tensor, w: torch.Tensor,
         b: torch.Tensor | None = None) -> torch.Tensor:
    x = x.t() if attrs.get("transA", 0) else x
    w = w.t() if attrs.get("transB", 0) else w
    y = attrs.get("alpha", 1.0) * (x @ w)
    return y if b is None else y + attrs.get("beta", 1.0) * b


def max_pool(attrs: dict, node: onnx.NodeProto, x: torch.Tensor) -> torch.Tensor:
    return functional.max_pool2d(x, attrs["kernel_shape"], attrs.get("strides", [1, 1]),
                                 symmetric_pads(attrs, node), ceil_mode=bool(attrs.get("ceil_mode", 0)))


def slice_constant(attrs: dict, node: onnx.NodeProto, x: torch.Tensor, starts: torch.Tensor, ends: torch.Tensor,
                   axes: torch.Tensor) -> torch.Tensor:
    for start, end, axis in zip(starts.tolist(), ends.tolist(), axes.tolist()):
        x = x.narrow(axis, start, min(end, x.shape[axis]) - start)
    return x


OPS: dict[str, Callable[..., torch.Tensor]] = {
    "Add": lambda a, n, x, y: x + y,
    "Concat": lambda a, n, *xs: torch.cat(xs, a["axis"]),
    "Conv": conv,
    "Dropout": lambda a, n, x, *_: x,
    "Flatten": lambda a, n, x: x.flatten(a.get("axis", 1)),
    "Gather": lambda a, n, x, indices: x.index_select(a.get("axis", 0), indices),
    "Gemm": gemm,
    "GlobalAveragePool": lambda a, n, x: x.mean((2, 3), keepdim=True),
    "Identity": lambda a, n, x: x,
    "MatMul": lambda a, n, x, y: x @ y,
    "MaxPool": max_pool,
    "Mul": lambda a, n, x, y: x * y,
    "Relu": lambda a, n, x: x.relu(),
    "Reshape": lambda a, n, x, shape: x.reshape(x.shape[0], -1) if len(shape) == 2 else x.reshape(shape.tolist()),
    "Slice": slice_constant,
    "Softmax": lambda a, n, x: x.softmax(a.get("axis", -1)),
    "Sum": lambda a, n, *xs: sum(xs),
}


class OnnxModule(nn.Module):
    """One input, one output; every float initialiser is a parameter.

    Raises ValueError, naming every node, when an op is not among OPS.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.proto = onnx.load(str(path))
        graph = self.proto.graph
        unknown = [f"{n.name or n.output[0]} ({n.op_type})" for n in graph.node if n.op_type not in OPS]
        if unknown:
            raise ValueError(f"{path}: cannot train through {', '.join(unknown)}")
        self.constants: dict[str, torch.Tensor] = {}
        weights = {}
        for initializer in graph.initializer:
            value = torch.from_numpy(numpy_helper.to_array(initializer).copy())
            if value.is_floating_point():
                weights[initializer.name] = nn.Parameter(value)
            else:
                self.constants[initializer.name] = value
        self.names = list(weights)
        self.weights = nn.ParameterList(weights.values())
        self.attributes = [attributes(n) for n in graph.node]
        inputs = [i.name for i in graph.input if i.name not in weights and i.name not in self.constants]
        if len(inputs) != 1 or len(graph.output) != 1:
            raise ValueError(f"{path}: needs exactly one input and one output")
        self.input, self.output = inputs[0], graph.output[0].name

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        values = {**self.constants, **dict(zip(self.names, self.weights)), self.input: x}
        for node, attrs in zip(self.proto.graph.node, self.attributes):
            inputs = [values[name] for name in node.input if name]
            values[node.output[0]] = OPS[node.op_type](attrs, node, *inputs)
        return values[self.output]

    def save(self, path: Path, metadata: dict[str, str]) -> None:
        """The same graph with the present values; metadata's entries are set."""
        values = {name: w.detach().numpy() for name, w in zip(self.names, self.weights)}
        for initializer in self.proto.graph.initializer:
            if initializer.name in values:
                value = np.ascontiguousarray(values[initializer.name], np.float32)
                initializer.CopyFrom(numpy_helper.from_array(value, initializer.name))
        kept = {p.key: p.value for p in self.proto.metadata_props}
        onnx.helper.set_model_props(self.proto, {**kept, **metadata})
        onnx.save(self.proto, str(path))
