"""Names of the initialisers of ONNX files.

    initialisers.py --make OUT NAME...   a chain of dense layers with weights of these names
    initialisers.py FILE                 prints the names, one a line, sorted
    initialisers.py FILE SAME...         the same, when the other files have the same ones"""

import argparse

import numpy as np
import onnx
from onnx import helper, numpy_helper

parser = argparse.ArgumentParser()
parser.add_argument("--make", action="store_true")
parser.add_argument("file")
parser.add_argument("others", nargs="*")
args = parser.parse_args()


def names(path: str) -> list[str]:
    return sorted(tensor.name for tensor in onnx.load(path).graph.initializer)


if args.make:
    # More elements than a literal may have, so that each is a resource.
    weights = [numpy_helper.from_array(np.full((20, 20), i, np.float32), name) for i, name in enumerate(args.others)]
    nodes = [helper.make_node("Gemm", [f"v{i}", w.name], [f"v{i + 1}"], f"fc{i}", transB=1)
             for i, w in enumerate(weights)]
    image, result = (helper.make_tensor_value_info(f"v{i}", onnx.TensorProto.FLOAT, [1, 20])
                     for i in (0, len(nodes)))
    graph = helper.make_graph(nodes, "named", [image], [result], weights)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)]), args.file)
else:
    for other in args.others:
        assert names(other) == names(args.file), f"{other}: {names(other)}\n{args.file}: {names(args.file)}"
    print("\n".join(names(args.file)))
