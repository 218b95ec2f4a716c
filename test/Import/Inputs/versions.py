"""Imports a network in each version of ONNX's operators, from 7 to the newest
that the onnx package knows and can convert it to (it has gaps); the module must
be the same each time. Prints the versions.

    versions.py MODEL.onnx FOLDER"""

import subprocess
import sys
from pathlib import Path

import onnx
from onnx import version_converter

model, folder = onnx.load(sys.argv[1]), Path(sys.argv[2])
folder.mkdir(parents=True, exist_ok=True)
first: str | None = None
versions: list[int] = []
for version in range(7, onnx.defs.onnx_opset_version() + 1):
    path = folder / "model.onnx"
    try:
        onnx.save(version_converter.convert_version(model, version), path)
    except RuntimeError:  # no adapter
        continue
    versions.append(version)
    done = subprocess.run(["lcp-translate", "--import-onnx", path], capture_output=True, text=True)
    assert done.returncode == 0, f"version {version}: {done.stderr}"
    # Without locations: the converter names what it adds.
    module = "\n".join(line.split(" loc(")[0] for line in done.stdout.split("{-#")[0].splitlines()
                       if not line.startswith("#loc"))
    first = first or module
    assert module == first, f"version {version} differs:\n{module}\n{first}"
print("versions", *versions)
