#!/usr/bin/env python3
"""The parameters and multiply-accumulates that the method's authors published, and
how many the tools count.

    .venv/bin/python test/e2e/published.py    # prints the table of docs/rationale/published-counts.md

LCP_BIN is where the tools are. The networks have no weights to speak of: files of
nothing but holes.
"""

import json
import tempfile
from functools import cache
from pathlib import Path
from typing import NamedTuple

import onnx

from lcp import build, tool

# A network of 100 classes beside the same of 10.
CIFAR_100 = "cifarnet, 100 classes"


class Row(NamedTuple):
    """`split` is an option string without round= and merge=, or nothing for the whole
    network; figures are as printed. A note, a letter on the page, says why ours differs."""
    network: str
    split: str
    merge: str
    parameters: str
    macs: str
    parameters_note: str = ""
    macs_note: str = ""


ROWS = [
    Row("lenet_fc", "", "", "266.6k", "266.2k"),
    Row("lenet", "", "", "61.7k", "61.5k", macs_note="a"),
    Row("lenet", "factor=2", "concat", "31.5k", "30.5k", macs_note="a"),
    Row("lenet", "factor=4", "concat", "16.1k", "16.0k", macs_note="a"),
    Row("lenet", "factor=8", "concat", "8.8k", "8.5k", macs_note="a"),
    Row("cifarnet", "", "", "797.97k", "14.79M", macs_note="b"),
    Row(CIFAR_100, "", "", "815.34k", "14.81M", macs_note="b"),
    Row(CIFAR_100, "factor=2", "sum-features", "410.48k", "9.33M", macs_note="b"),
    Row(CIFAR_100, "factor=4", "sum-features", "208.05k", "6.59M", macs_note="b"),
    Row(CIFAR_100, "factor=8", "sum-features", "106.85k", "5.23M", macs_note="b"),
    Row("vgg_s", "", "", "60.79M", "1.85G", "c", "b"),
    Row("vgg_s", "factor=2", "sum-features", "30.50M", "1.01G", macs_note="b"),
    Row("vgg_s", "factor=4", "sum-features", "15.26M", "591.65M", macs_note="b"),
    Row("vgg_s", "factor=8", "sum-features", "7.64M", "382.51M", macs_note="b"),
    Row("resnet18", "", "", "11.69M", "1.82G", macs_note="d"),
    Row("resnet18", "factor=2", "concat", "6.11M", "0.98G", macs_note="d"),
    Row("resnet18", "factor=4", "concat", "3.32M", "0.55G", macs_note="d"),
    Row("resnet18", "factor=8", "concat", "1.93M", "0.34G", macs_note="d"),
    Row("alexnet_v2", "", "", "50.3M", "679M", macs_note="e"),
    Row("alexnet_v2", "factor=8", "sum-features", "6.32M", "145M", macs_note="e"),
    Row("alexnet_v2", "factor=8 fatten=40", "sum-features", "12.11M", "244M", macs_note="e"),
    Row("vgg16", "", "", "138.36M", "15.47G"),
    Row("vgg16", "factor=8", "sum-features", "7.64M", "2.01G", "f"),
    Row("vgg16", "factor=8 fatten=40", "sum-features", "33.78M", "3.87G"),
    Row("resnet50", "", "", "22.80M", "4.87G", "g", "g"),
    Row("resnet50", "factor=8", "concat", "5.42M", "0.88G", "h", "h"),
    Row("resnet50", "factor=8 fatten=40", "concat", "8.60M", "1.18G", "h", "h"),
    Row("mobilenet_v1", "", "", "4.24M", "4.86G", "i", "i"),
    Row("mobilenet_v1", "factor=8", "concat", "1.12M", "0.93G", "j", "k"),
    Row("mobilenet_v1", "factor=8 fatten=40", "concat", "2.12M", "1.34G", "k", "k"),
]


class Layer(NamedTuple):
    name: str
    parameters: int
    macs: int
    weight: list[int]
    result: list[int]


class Count(NamedTuple):
    parameters: int
    macs: int
    # Channels that are batch-normalised; each has two trained values in `parameters`.
    normalised: int
    layers: list[Layer]


@cache
def folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="lcp-counts-")


class Module(NamedTuple):
    path: Path
    has_norms: bool


@cache
def imported(network: str, image: int | None) -> Module:
    name, _, classes = network.partition(", ")
    model = Path(folder().name) / f"{name}-{classes[:3]}-{image}.onnx"
    build.make_hollow(name, model, image, int(classes.split()[0]) if classes else None)
    nodes = onnx.load(model, load_external_data=False).graph.node
    module = model.with_suffix(".mlirbc")
    done = tool("lcp-translate", "--import-onnx", model, "-o", module)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return Module(module, any(node.op_type == "BatchNormalization" for node in nodes))


def footprint(module: Path, *flags: str) -> dict:
    """Of all branches and what is outside of them, as lcp-opt prints it."""
    done = tool("lcp-opt", module, *flags, "--lcp-print-footprint=json=true", "-o", "/dev/null")
    if done.returncode:
        raise RuntimeError(done.stderr)
    return json.loads(done.stdout)


@cache
def count(network: str, split: str = "", merge: str = "", image: int | None = None) -> Count:
    """By the tools. A normalisation that is folded into the layer before it leaves
    one value a channel of its four, of which two were trained."""
    module = imported(network, image)
    flags = [f"--lcp-split={split} round=floor merge={merge}"] if split else []
    folded = footprint(module.path, "--lcp-simplify", *flags)
    one, normalised = folded["on_one_device"]["parameters"], 0
    if module.has_norms:
        normalised = (footprint(module.path, *flags)["on_one_device"]["parameters"] - one) // 3
    layers = [Layer(layer["name"], layer["parameters"], layer["macs"], layer["weight_shape"], layer["result_shape"])
              for layer in folded["layers"]]
    return Count(one + normalised, folded["on_one_device"]["macs"], normalised, layers)


def value(figure: str) -> float:
    return float(figure[:-1]) * {"k": 1e3, "M": 1e6, "G": 1e9}[figure[-1]]


def agrees(figure: str, ours: float) -> bool:
    """To the last digit printed, or to three in ten thousand."""
    digits = len(figure[:-1].partition(".")[2])
    last = value(f"{10.0 ** -digits:f}{figure[-1]}")
    return abs(ours - value(figure)) <= max(last / 2, 3e-4 * value(figure))


def table() -> str:
    lines = ["| network | split | merge | parameters, published | counted | MACs, published | counted | note |",
             "|---|---|---|---|---|---|---|---|"]
    for row in ROWS:
        ours = count(row.network, row.split, row.merge)
        split = row.split.replace("factor=", "") or "whole"
        notes = ", ".join(sorted({*row.parameters_note, *row.macs_note}))
        lines.append(f"| {row.network} | {split} | {row.merge} | {row.parameters} | {ours.parameters:,} "
                     f"| {row.macs} | {ours.macs:,} | {notes} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(table(), end="")
