"""What ONNX Runtime answers, for tests whose own Python does not have it.

    answers.py MODEL.onnx IMAGE.npy OUT.npy [MODEL.onnx IMAGE.npy OUT.npy]...
"""

import sys

import numpy as np
import onnxruntime

options = onnxruntime.SessionOptions()
options.log_severity_level = 3
for model, image, out in zip(*[iter(sys.argv[1:])] * 3):
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    np.save(out, session.run(None, {session.get_inputs()[0].name: np.load(image)})[0])
