"""ONNX Runtime's answer for a model and lcp-reference's for a module must be the
same within 1e-4 of the largest magnitude.

    reference_agrees.py MODEL.onnx MODULE.mlirbc"""

import subprocess
import sys

import numpy as np
import onnxruntime

model, module = sys.argv[1:]
session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
value = session.get_inputs()[0]
image = np.random.default_rng(2).normal(size=value.shape).astype(np.float32)
expected = session.run(None, {value.name: image})[0]
np.save(f"{module}.in.npy", image)
subprocess.run(["lcp-reference", module, f"--input={module}.in.npy", f"--output={module}.out.npy"], check=True)
error = np.abs(np.load(f"{module}.out.npy") - expected).max() / np.abs(expected).max()
assert error <= 1e-4, f"off by {error}"
