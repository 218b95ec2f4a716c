"""ONNX Runtime must answer the same for every model given, within 1e-4 of the
largest magnitude of the first one's answer.

    same_answers.py ORIGINAL.onnx OTHER.onnx..."""

import sys

import numpy as np
import onnxruntime


def answers(path: str, image: np.ndarray | None) -> tuple[np.ndarray, list[np.ndarray]]:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    value = session.get_inputs()[0]
    if image is None:
        shape = [d if isinstance(d, int) else 1 for d in value.shape]
        image = np.random.default_rng(1).normal(size=shape).astype(np.float32)
    return image, session.run(None, {value.name: image})


image, expected = answers(sys.argv[1], None)
for path in sys.argv[2:]:
    _, got = answers(path, image)
    for a, b in zip(expected, got, strict=True):
        error = np.abs(a - b).max() / np.abs(a).max()
        assert error <= 1e-4, f"{path}: off by {error}"
