"""Writes models that contradict themselves, or are newer than the importer.

    declared.py FOLDER"""

import sys
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

folder = Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)


def save(name: str, opset: int = 17, declared: list[int] | None = None, as_input: bool = False,
         kind: int = TensorProto.FLOAT) -> None:
    weight = numpy_helper.from_array(np.ones((2, 3), np.float32), "w")
    image = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3])
    result = helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 2])
    graph = helper.make_graph([helper.make_node("Gemm", ["x", "w"], ["y"], "fc", transB=1)], "g", [image], [result],
                              [weight])
    if declared is not None:
        (graph.input if as_input else graph.value_info).append(helper.make_tensor_value_info("w", kind, declared))
    onnx.save(helper.make_model(graph, ir_version=8, opset_imports=[helper.make_opsetid("", opset)]),
              folder / f"{name}.onnx")


save("agrees", declared=[2, 3])
save("value", declared=[3, 2])
save("input", declared=[2, 3, 1], as_input=True)
save("kind", declared=[2, 3], kind=TensorProto.DOUBLE)
save("newer", opset=23)
save("newest", opset=22)
