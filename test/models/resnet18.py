#!/usr/bin/env python3
"""ResNet-18 (He et al., 2015, table 1) with seeded random weights, as ONNX.

    test/models/resnet18.py -o resnet18.onnx [--width=0.125] [--image=224]
"""

from pathlib import Path

import graph


def block(g: graph.Graph, name: str, x: str, inputs: int, outputs: int, stride: int) -> str:
    """A basic block: two 3x3 convolutions and a shortcut, projected where shapes differ."""
    y = g.conv(f"{name}.conv1", x, inputs, outputs, 3, stride)
    y = g.relu(f"{name}.relu1", g.batch_norm(f"{name}.bn1", y, outputs))
    y = g.conv(f"{name}.conv2", y, outputs, outputs, 3, gain=1.0)
    y = g.batch_norm(f"{name}.bn2", y, outputs, scale=0.5)
    if stride != 1 or inputs != outputs:
        x = g.conv(f"{name}.downsample", x, inputs, outputs, 1, stride, gain=1.0)
        x = g.batch_norm(f"{name}.downsample_bn", x, outputs)
    return g.relu(f"{name}.relu2", g.node("Add", f"{name}.add", [y, x]))


def make(path: Path, width: float = 1.0, image: int = 224, classes: int = 1000, seed: int = 18) -> None:
    g = graph.Graph(seed)
    widths = [max(1, round(c * width)) for c in (64, 128, 256, 512)]
    x = g.conv("conv1", "image", 3, widths[0], 7, 2)
    x = g.relu("relu1", g.batch_norm("bn1", x, widths[0]))
    x = g.node("MaxPool", "maxpool", [x], kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
    channels = widths[0]
    for stage, outputs in enumerate(widths, 1):
        for index in range(2):
            stride = 2 if stage > 1 and index == 0 else 1
            x = block(g, f"layer{stage}.{index}", x, channels, outputs, stride)
            channels = outputs
    g.head(x, channels, classes)
    g.save(path, "resnet18", (1, 3, image, image), classes)


if __name__ == "__main__":
    graph.command_line(__doc__.splitlines()[0], make)
