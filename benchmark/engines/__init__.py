"""The engines that benchmark/performance.py measures beside ours, a file each. Each runs in
the environment that peers.py makes, in a process of its own (worker.py), and has

    PACKAGES     what pip calls its parts, for their versions
    PRECISIONS   what prepare() can make of a network: fp32, int8
    prepare(model, folder, precision, samples)
                 whatever is done once, ahead of time, with an ONNX file; the samples
                 are inputs to calibrate integers on
    load(folder, threads)
                 a function from the network's input to its output, both as in the
                 ONNX file; nothing but fp32 or integer arithmetic, whatever the
                 engine would choose by itself
"""

import importlib

NAMES = ("onnxruntime", "openvino", "ncnn", "iree", "tvm")


def engine(name: str):
    return importlib.import_module(f"engines.with_{name}")
