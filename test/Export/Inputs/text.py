"""Prints an ONNX file as text after checking it in full."""

import sys

import onnx

model = onnx.load(sys.argv[1])
onnx.checker.check_model(model, full_check=True)
print(onnx.printer.to_text(model))
