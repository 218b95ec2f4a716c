"""An ONNX graph as a PyTorch module, and back into the same graph."""

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import Tensor, nn

from .errors import Problem
from .ops import MAKERS, Node, Unsupported

# The name of a node that joins branches, as lib/Export/ONNX writes it.
MERGE = re.compile(r"^s\d+\.(?:concat|sum)\d+/")
OLDEST_OPSET = 13
# Inputs of a batch normalisation that training updates without a gradient.
STATISTICS = {"BatchNormalization": (3, 4)}


class Step(NamedTuple):
    """One node: what runs it, what it reads, what it makes, what is not read after it."""

    run: Callable[..., Tensor]
    inputs: list[str]
    output: str
    done: list[str]
    merges: bool


class Scope(nn.Module):
    """A part of an initialiser's name between dots."""


class OnnxModule(nn.Module):
    """The graph of one ONNX file; made by `load`.

    One input, whose first dimension is the batch, of any size here whatever the
    file says, and one output. Every float initialiser that takes part in the
    computation is a parameter of the same name, except the statistics of a
    batch normalisation and single numbers, which are buffers. Where PyTorch
    cannot have a name (it shadows an attribute of nn.Module, or is also the
    beginning of another name) underscores are appended.

    `train()` and `eval()` are honoured: Dropout drops, BatchNormalization uses
    and updates its running statistics.
    """

    def __init__(self, model: onnx.ModelProto) -> None:
        super().__init__()
        self.onnx_model = model
        # Instead of the graph's own ratios, when set.
        self.dropout_ratio: float | None = None
        # While training, the chance that a branch's values are zeros where branches meet.
        self.branch_dropout = 0.0
        graph = model.graph
        constants = {i.name: numpy_helper.to_array(i) for i in graph.initializer}
        inputs = [i for i in graph.input if i.name not in constants]
        if len(inputs) != 1 or len(graph.output) != 1:
            raise Problem(f"has {len(inputs)} inputs and {len(graph.output)} outputs; one of each can be trained")
        self.input_name, self.output_name = inputs[0].name, graph.output[0].name
        self.input_shape = [d.dim_value for d in inputs[0].type.tensor_type.shape.dim]
        self.graph_steps = make_steps(graph, constants, self.input_shape[0] or 1)
        self.initializer_places: dict[str, tuple[nn.Module, str]] = {}
        self.add_values(constants)

    def add_values(self, constants: dict[str, np.ndarray]) -> None:
        """Makes parameters and buffers of what the steps read, and forgets the file's copy."""
        statistics = {node.input[i] for node in self.onnx_model.graph.node for i in STATISTICS.get(node.op_type, ())}
        read = {name for step in self.graph_steps for name in step.inputs}
        scopes: dict[tuple[str, ...], nn.Module] = {(): self}
        for initializer in self.onnx_model.graph.initializer:
            name = initializer.name
            if name not in read:
                continue
            value = torch.from_numpy(constants[name].copy())
            trained = value.is_floating_point() and value.dim() > 0 and name not in statistics
            owner, attribute = place(scopes, name)
            if trained:
                owner.register_parameter(attribute, nn.Parameter(value))
            else:
                owner.register_buffer(attribute, value)
            self.initializer_places[name] = owner, attribute
            for field in ("raw_data", "float_data", "double_data"):
                if value.is_floating_point():
                    initializer.ClearField(field)

    def initializer_value(self, name: str) -> Tensor:
        """The present value of an initialiser."""
        owner, attribute = self.initializer_places[name]
        return getattr(owner, attribute)

    @property
    def branch_count(self) -> int:
        """How many meet at the graph's first merge; 0 for a graph that is not split."""
        return next((len(step.inputs) for step in self.graph_steps if step.merges), 0)

    def forward(self, x: Tensor, without: tuple[int, ...] = ()) -> Tensor:
        """`without`: branches whose values are zeros where branches meet."""
        return self.run_until(x, self.output_name, without)

    def before_softmax(self, x: Tensor, without: tuple[int, ...] = ()) -> Tensor:
        """The output, or what a softmax at the very end reads."""
        last = self.onnx_model.graph.node[-1]
        return self.run_until(x, last.input[0] if last.op_type == "Softmax" else self.output_name, without)

    def run_until(self, x: Tensor, wanted: str, without: tuple[int, ...] = ()) -> Tensor:
        values = {self.input_name: x}
        for step in self.graph_steps:
            tensors = [values[name] if name in values else self.initializer_value(name) for name in step.inputs]
            if step.merges:
                tensors = self.leave_out(tensors, without)
            values[step.output] = step.run(self, *tensors)
            if step.output == wanted:
                break
            for name in step.done:
                values.pop(name, None)
        return values[wanted]

    def leave_out(self, parts: list[Tensor], without: tuple[int, ...]) -> list[Tensor]:
        """Zeros for the branches in `without` and, while training, for each branch of each
        sample with the chance `branch_dropout`; one branch of a sample always stays."""
        parts = [torch.zeros_like(p) if b in without else p for b, p in enumerate(parts)]
        if not (self.training and self.branch_dropout):
            return parts
        draws = torch.rand(len(parts), len(parts[0]), device=parts[0].device)
        heard = (draws >= self.branch_dropout) | (draws == draws.max(0).values)
        return [p * h.to(p.dtype).reshape(-1, *[1] * (p.dim() - 1)) for p, h in zip(parts, heard)]


def place(scopes: dict[tuple[str, ...], nn.Module], name: str) -> tuple[nn.Module, str]:
    """The module and attribute for a name with dots: one module a part."""
    *path, leaf = name.split(".")
    for depth in range(1, len(path) + 1):
        key = tuple(path[:depth])
        if key not in scopes:
            parent = scopes[key[:-1]]
            scopes[key] = Scope()
            parent.add_module(free(parent, key[-1]), scopes[key])
    owner = scopes[tuple(path)]
    return owner, free(owner, leaf)


def free(owner: nn.Module, name: str) -> str:
    while not name or hasattr(owner, name):
        name += "_"
    return name


def make_steps(graph: onnx.GraphProto, constants: dict[str, np.ndarray], batch: int) -> list[Step]:
    """Raises Problem naming every node that cannot be trained through."""
    made, wrong = [], []
    for proto in graph.node:
        node = Node(proto, constants, batch)
        try:
            if proto.op_type not in MAKERS or proto.domain not in ("", "ai.onnx"):
                raise Unsupported("no such operator here")
            made.append((MAKERS[proto.op_type](node), node.tensors(), proto))
        except Unsupported as reason:
            wrong.append(f"{proto.name or proto.output[0]} ({proto.op_type}: {reason})")
    if wrong:
        raise Problem(f"cannot train through {', '.join(wrong)}; lcp-translate --import-onnx and then "
                      "--export-onnx may write it in operators known here")
    last = {name: index for index, (_, names, _) in enumerate(made) for name in names}
    done: dict[int, list[str]] = {}
    for name, index in last.items():
        done.setdefault(index, []).append(name)
    return [Step(run, names, proto.output[0], [n for n in done.get(i, []) if n != graph.output[0].name],
                 bool(MERGE.match(proto.name)) and proto.op_type in ("Concat", "Sum"))
            for i, (run, names, proto) in enumerate(made)]


def load(path: str | Path) -> OnnxModule:
    """Raises Problem, a ValueError of one line, when the file cannot be read or trained."""
    path = Path(path)
    try:
        model = onnx.load(str(path))
    except OSError as error:
        raise Problem(f"{path}: {error.strerror or error}") from None
    except Exception:  # whatever protobuf raises in the version at hand
        raise Problem(f"{path}: is not an ONNX file") from None
    opset = next((o.version for o in model.opset_import if o.domain in ("", "ai.onnx")), 0)
    if not model.graph.node:
        raise Problem(f"{path}: is not an ONNX file, or has no nodes")
    if opset < OLDEST_OPSET:
        raise Problem(f"{path}: is of opset {opset}; {OLDEST_OPSET} is the oldest here (lcp-translate --import-onnx "
                      "and then --export-onnx writes 17)")
    try:
        return OnnxModule(model)
    except Problem as problem:
        raise Problem(f"{path}: {problem}") from None


def save(module: OnnxModule, path: str | Path) -> None:
    """Writes the graph that was loaded with the module's present values.

    Sets the metadata lcp.trained_after_split to true where the graph has it (a
    graph that was never split has not); nothing else changes. The file appears
    whole or not at all.
    """
    model = onnx.ModelProto()
    model.CopyFrom(module.onnx_model)
    for initializer in model.graph.initializer:
        if initializer.name in module.initializer_places:
            value = module.initializer_value(initializer.name).detach().cpu().contiguous().numpy()
            kind = onnx.TensorProto.DataType.Name(initializer.data_type)
            if kind in ("FLOAT", "DOUBLE", "FLOAT16"):
                types = {"FLOAT": np.float32, "DOUBLE": np.float64, "FLOAT16": np.float16}
                initializer.raw_data = value.astype(types[kind], copy=False).tobytes()
    for entry in model.metadata_props:
        if entry.key == "lcp.trained_after_split":
            entry.value = "true"
    write_whole(Path(path), model.SerializeToString())


def write_whole(path: Path, content: bytes) -> None:
    """Through a file beside it, so that no reader sees a part. What a link names is written, not the link; a
    device or a pipe is written as it is."""
    real = path.resolve()
    beside = real.with_name(f".{real.name}.{os.getpid()}")
    try:
        if real.exists() and not real.is_file() and not real.is_dir():
            real.write_bytes(content)
            return
        beside.write_bytes(content)
        os.replace(beside, real)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise Problem(f"{path}: {error.strerror}") from None
