"""Imports the models of a test file and prints what lcp-translate says.

    import_text.py FILE [ARGUMENTS of lcp-translate]

The file holds models in ONNX's own text form, each after a line `# MODEL NAME`;
other lines that start with `#` are comments (FileCheck reads them). A name that
starts with `w` and has no value becomes an initialiser of 0, 1, 2 … of its type.
For each model, prints `=== NAME`, the exit status where it is not 0, standard
error with the path cut off, then the module without locations and weights."""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import onnx
from onnx import helper, numpy_helper


def fill_weights(graph: onnx.GraphProto) -> None:
    held = {tensor.name for tensor in graph.initializer}
    for info in graph.value_info:
        if info.name.startswith("w") and info.name not in held:
            tensor = info.type.tensor_type
            shape = [d.dim_value for d in tensor.shape.dim]
            values = np.arange(np.prod(shape, dtype=np.int64)).reshape(shape)
            kind = helper.tensor_dtype_to_np_dtype(tensor.elem_type)
            graph.initializer.append(numpy_helper.from_array(values.astype(kind), info.name))
    del graph.value_info[:]


def main() -> None:
    source, arguments = Path(sys.argv[1]), sys.argv[2:]
    parts = re.split(r"^# MODEL (\S+)\n", source.read_text(), flags=re.M)[1:]
    for name, text in zip(parts[::2], parts[1::2]):
        lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
        model = onnx.parser.parse_model("\n".join(lines))
        fill_weights(model.graph)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"{name}.onnx"
            path.write_bytes(model.SerializeToString())
            done = subprocess.run(["lcp-translate", "--import-onnx", path, *arguments],
                                  capture_output=True, text=True)
        print("===", name)
        if done.returncode:
            print("status", done.returncode)
        print(done.stderr.replace(f"{folder}/", ""), end="")
        module = done.stdout.split("{-#")[0]
        print(re.sub(r'^#loc.*\n| loc\((#?\w+|"[^"]*")\)', "", module, flags=re.M))


if __name__ == "__main__":
    main()
