"""Edits an ONNX file as a tool between export and import might.

    edit.py IN OUT [--metadata KEY=VALUE]... [--rename NODE=NAME]..."""

import argparse

import onnx

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("source")
parser.add_argument("target")
parser.add_argument("--metadata", action="append", default=[])
parser.add_argument("--rename", action="append", default=[])
args = parser.parse_args()
model = onnx.load(args.source)
for entry in args.metadata:
    key, value = entry.split("=")
    next(p for p in model.metadata_props if p.key == key).value = value
for entry in args.rename:
    old, new = entry.split("=")
    next(n for n in model.graph.node if n.name == old).name = new
onnx.save(model, args.target)
