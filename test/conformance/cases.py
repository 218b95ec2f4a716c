"""ONNX's own tests (Debian's libonnx-testdata) as cases of this suite.

A case is a model with its inputs and expected outputs. In these tests a
convolution's weights and a Reshape's shape are graph inputs like any other,
which no trained network has: they are bound from the test data as
initialisers. What is bound is counted and said in the report."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, numpy_helper

DATA = Path("/usr/share/libonnx-testdata/data")
SUITES = ("node", "pytorch-converted", "pytorch-operator", "simple")

# Operand positions that a trained network holds as constants.
CONSTANT_OPERANDS = {
    "Conv": (1, 2), "Gemm": (1, 2), "MatMul": (1,), "BatchNormalization": (1, 2, 3, 4),
    "Clip": (1, 2), "Pad": (1, 2, 3), "Dropout": (1, 2), "Div": (1,),
}


@dataclass
class Case:
    name: str
    model: Path
    inputs: list[np.ndarray]
    expected: list[np.ndarray]
    bound: int = 0


def load_tensor(path: Path) -> np.ndarray | None:
    """The tensor of a .pb file; None for a sequence or an optional value."""
    tensor = TensorProto()
    try:
        tensor.ParseFromString(path.read_bytes())
        return numpy_helper.to_array(tensor)
    except Exception:  # protobuf's and numpy_helper's own kinds
        return None


def load_data(folder: Path, kind: str) -> list[np.ndarray | None]:
    count = len(list(folder.glob(f"{kind}_*.pb")))
    return [load_tensor(folder / f"{kind}_{i}.pb") for i in range(count)]


def names_to_bind(graph: onnx.GraphProto) -> set[str]:
    names = {i.name for i in graph.input if i.type.tensor_type.elem_type != TensorProto.FLOAT}
    for node in graph.node:
        positions = CONSTANT_OPERANDS.get(node.op_type, ())
        names |= {node.input[p] for p in positions if p < len(node.input)}
    data = [i.name for i in graph.input]
    # A graph whose every input would be bound keeps its first as data.
    return names if not names.issuperset(data) else names - set(data[:1])


def bind(model: onnx.ModelProto, data: dict[str, np.ndarray]) -> int:
    """Turns inputs into initialisers; how many."""
    graph, held = model.graph, {t.name for t in model.graph.initializer}
    bound = [i for i in graph.input if i.name in names_to_bind(graph) and i.name in data and i.name not in held]
    for value in bound:
        graph.initializer.append(numpy_helper.from_array(data[value.name], value.name))
        graph.input.remove(value)
    return len(bound)


def load_case(source: Path, folder: Path) -> Case | None:
    """Writes the case's model under `folder`; None where its data are no tensors."""
    name = f"{source.parent.name}/{source.name}"
    model = onnx.load(source / "model.onnx", load_external_data=False)
    held = {t.name for t in model.graph.initializer}
    names = [i.name for i in model.graph.input if i.name not in held]
    values, expected = (load_data(source / "test_data_set_0", kind) for kind in ("input", "output"))
    if None in map(type_or_none, values + expected) or len(values) < len(names):
        return None
    data = dict(zip(names, values))
    bound = bind(model, data)
    kept = [i.name for i in model.graph.input if i.name not in held]
    path = folder / f"{name.replace('/', '.')}.onnx"
    path.write_bytes(model.SerializeToString())
    return Case(name, path, [data[n] for n in kept], expected, bound)


def type_or_none(value: np.ndarray | None) -> type | None:
    return None if value is None else type(value)


def all_cases(folder: Path) -> tuple[list[Case], list[str]]:
    """The cases, and the names of the tests whose data are not tensors."""
    cases, others = [], []
    for suite in SUITES:
        for model in sorted((DATA / suite).glob("*/model.onnx")):
            case = load_case(model.parent, folder)
            if case:
                cases.append(case)
            else:
                others.append(f"{suite}/{model.parent.name}")
    return cases, others
