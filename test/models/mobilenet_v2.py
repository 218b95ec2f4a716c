#!/usr/bin/env python3
"""MobileNet-v2 (Sandler et al., 2018, table 2) with seeded random weights, as ONNX.

    test/models/mobilenet_v2.py -o mobilenet_v2.onnx [--width=0.25] [--image=224]
"""

from pathlib import Path

import graph

# expansion, output channels, repeats, stride of the first
BLOCKS = [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)]


def rounded(channels: float) -> int:
    """To a multiple of 8, never losing more than a tenth, as the authors' code does."""
    result = max(8, int(channels + 4) // 8 * 8)
    return result + 8 if result < 0.9 * channels else result


def block(g: graph.Graph, name: str, x: str, inputs: int, outputs: int, stride: int, expansion: int) -> str:
    """An inverted residual: widen 1x1, depthwise 3x3, narrow 1x1 without activation."""
    hidden, y = inputs * expansion, x
    if expansion != 1:
        y = g.conv(f"{name}.expand", y, inputs, hidden, 1)
        y = g.relu6(f"{name}.expand_relu", g.batch_norm(f"{name}.expand_bn", y, hidden))
    y = g.conv(f"{name}.depthwise", y, hidden, hidden, 3, stride, groups=hidden)
    y = g.relu6(f"{name}.depthwise_relu", g.batch_norm(f"{name}.depthwise_bn", y, hidden))
    y = g.conv(f"{name}.project", y, hidden, outputs, 1, gain=1.0)
    y = g.batch_norm(f"{name}.project_bn", y, outputs, scale=0.7)
    if stride == 1 and inputs == outputs:
        y = g.node("Add", f"{name}.add", [x, y])
    return y


def make(path: Path, width: float = 1.0, image: int = 224, classes: int = 1000, seed: int = 18) -> None:
    g = graph.Graph(seed)
    channels, last = rounded(32 * width), rounded(1280 * max(1.0, width))
    x = g.conv("stem", "image", 3, channels, 3, 2)
    x = g.relu6("stem_relu", g.batch_norm("stem_bn", x, channels))
    index = 0
    for expansion, base, repeats, first_stride in BLOCKS:
        for repeat in range(repeats):
            stride = first_stride if repeat == 0 else 1
            x = block(g, f"block{index}", x, channels, rounded(base * width), stride, expansion)
            channels, index = rounded(base * width), index + 1
    x = g.conv("last", x, channels, last, 1)
    x = g.relu6("last_relu", g.batch_norm("last_bn", x, last))
    g.head(x, last, classes)
    g.save(path, "mobilenet_v2", (1, 3, image, image), classes)


if __name__ == "__main__":
    graph.command_line(__doc__.splitlines()[0], make)
