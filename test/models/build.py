#!/usr/bin/env python3
"""A network that the method was published on, or a later one, as ONNX with
seeded random weights that keep activations in size.

    test/models/build.py NAME [--width=0.125] [--image=224] [--classes=1000] [--seed=18] -o NAME.onnx
"""

import argparse
from collections.abc import Callable
from math import prod
from pathlib import Path
from typing import NamedTuple

import onnx

import joined
import plain
import residual
from layers import Image, Layers


class Network(NamedTuple):
    define: Callable[[Layers, Image, int], None]
    channels: int = 3
    image: int = 224
    classes: int = 1000
    # What a quick test uses: every layer but LeNet's classifier is at least 8 wide.
    narrow: float = 0.125
    narrow_image: int = 64


NETWORKS = {
    "lenet_fc": Network(plain.lenet_fc, 1, 28, 10, 0.25, 28),
    "lenet": Network(plain.lenet, 1, 28, 10, 0.5, 28),
    "cifarnet": Network(plain.cifarnet, 3, 32, 10, 0.25, 32),
    "vgg_s": Network(plain.vgg_s, narrow_image=127),
    "vgg16": Network(plain.vgg16),
    "alexnet_v2": Network(plain.alexnet_v2, narrow_image=95),
    "resnet18": Network(residual.resnet18),
    "resnet18_cifar": Network(residual.resnet18_cifar, image=32, classes=10, narrow_image=32),
    "resnet34": Network(residual.resnet34),
    "resnet50": Network(residual.resnet50),
    "mobilenet_v1": Network(residual.mobilenet_v1, narrow=0.25),
    "mobilenet_v2": Network(residual.mobilenet_v2, narrow=0.25),
    "mobilenet_v3": Network(residual.mobilenet_v3, narrow=0.25),
    "efficientnet_b0": Network(residual.efficientnet_b0, narrow=0.25),
    "darknet19": Network(plain.darknet19),
    "densenet121": Network(joined.densenet121, narrow=0.25),
    "squeezenet": Network(joined.squeezenet, narrow=0.25),
    "inception_v1": Network(joined.inception_v1),
    "shufflenet_v2": Network(joined.shufflenet_v2, narrow=0.25),
}


def model(name: str, width: float = 1.0, image: int | None = None, classes: int | None = None, seed: int = 18,
          weights: bool = True) -> onnx.ModelProto:
    """Without `weights` a model to count by only: its constants have no values."""
    return build(name, width, image, classes, seed, weights)[0]


def build(name: str, width: float, image: int | None, classes: int | None, seed: int,
          weights: bool) -> tuple[onnx.ModelProto, tuple[int, ...]]:
    network = NETWORKS[name]
    size, outputs = image or network.image, classes or network.classes
    g = Layers(seed, width, weights)
    network.define(g, Image("image", network.channels, size, size), outputs)
    shape = (1, network.channels, size, size)
    return g.model(name, shape, outputs), shape


def make(name: str, path: Path, width: float = 1.0, image: int | None = None, classes: int | None = None,
         seed: int = 18) -> tuple[int, ...]:
    """Writes the model and gives the shape of its input."""
    result, shape = build(name, width, image, classes, seed, weights=True)
    onnx.checker.check_model(result)
    onnx.save(result, str(path))
    return shape


def make_hollow(name: str, path: Path, image: int | None = None, classes: int | None = None) -> None:
    """A model to count by, for the tools: its weights are zeros in a file of holes, which
    takes no time to write and no disk."""
    result = model(name, image=image, classes=classes, weights=False)
    data, size = path.with_suffix(".bin"), 0
    for tensor in result.graph.initializer:
        if tensor.raw_data:
            continue
        length = 4 * prod(tensor.dims)
        tensor.data_location = onnx.TensorProto.EXTERNAL
        for key, value in ("location", data.name), ("offset", str(size)), ("length", str(length)):
            tensor.external_data.add(key=key, value=value)
        size += length
    onnx.save(result, str(path))
    with data.open("wb") as file:
        file.truncate(size)


def make_narrow(name: str, path: Path) -> tuple[int, ...]:
    network = NETWORKS[name]
    return make(name, path, network.narrow, network.narrow_image, min(network.classes, 16))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", choices=NETWORKS)
    parser.add_argument("-o", dest="out", type=Path, required=True)
    parser.add_argument("--width", type=float, default=1.0, help="factor on every layer's channels")
    parser.add_argument("--image", type=int, help="height and width of the input")
    parser.add_argument("--classes", type=int)
    parser.add_argument("--seed", type=int, default=18)
    args = parser.parse_args()
    make(args.name, args.out, args.width, args.image, args.classes, args.seed)


if __name__ == "__main__":
    main()
