#!/usr/bin/env python3
"""Parameters and multiply-accumulates of an ONNX model, by layer and in all.

    test/models/counts.py MODEL.onnx [--layers]

A parameter is a trained value: weights, biases, and scale and shift of a batch
normalisation, whose statistics are not. MACs are those of convolutions and
dense layers, padding included.
"""

import argparse
from math import prod
from typing import NamedTuple

import onnx
from onnx import shape_inference

# Inputs that are trained, by operator; the first input is the activation.
TRAINED = {"Conv": (1, 2), "Gemm": (1, 2), "MatMul": (1,), "BatchNormalization": (1, 2)}


class Layer(NamedTuple):
    name: str
    parameters: int
    macs: int


def layers(model: onnx.ModelProto) -> list[Layer]:
    graph = shape_inference.infer_shapes(model).graph
    dims = {value.name: [d.dim_value for d in value.type.tensor_type.shape.dim]
            for value in (*graph.value_info, *graph.output)}
    constants = {tensor.name: list(tensor.dims) for tensor in graph.initializer}
    result = []
    for node in graph.node:
        trained = [constants[node.input[i]] for i in TRAINED.get(node.op_type, ())
                   if i < len(node.input) and node.input[i] in constants]
        if not trained:
            continue
        macs = 0
        if node.op_type == "Conv":
            macs = prod(dims[node.output[0]]) * prod(trained[0][1:])
        elif node.op_type in ("Gemm", "MatMul"):
            macs = prod(trained[0])  # a batch of one
        result.append(Layer(node.name, sum(map(prod, trained)), macs))
    return result


def total(model: onnx.ModelProto) -> tuple[int, int]:
    """Parameters and MACs."""
    found = layers(model)
    return sum(layer.parameters for layer in found), sum(layer.macs for layer in found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("--layers", action="store_true", help="one line a layer as well")
    args = parser.parse_args()
    model = onnx.load(args.model)
    if args.layers:
        for layer in layers(model):
            print(f"{layer.name:32} {layer.parameters:12,} {layer.macs:15,}")
    parameters, macs = total(model)
    print(f"{'total':32} {parameters:12,} {macs:15,}")


if __name__ == "__main__":
    main()
