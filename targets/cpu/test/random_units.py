"""Writes random units as MLIR, for lcp-cpu-check: convolutions of every kind
with what stands around them in networks. Constants are left to the tool.

    random_units.py SEED COUNT
"""

import random
import sys


def tensor(shape: list[int]) -> str:
    return "tensor<" + "x".join(map(str, shape)) + "xf32>"


def array(values: list[int]) -> str:
    return "array<i64: " + ", ".join(map(str, values)) + ">"


class Unit:
    """One function while it is written; values are (name, shape)."""

    def __init__(self, name: str, rng: random.Random, shape: list[int]):
        self.name, self.rng, self.lines = name, rng, []
        self.shapes = {"%x": shape}

    def emit(self, op: str, operands: list[str], attributes: str, shape: list[int]) -> str:
        name = f"%v{len(self.shapes)}"
        types = ", ".join(tensor(self.shapes[o]) for o in operands)
        signature = f"({types}) -> {tensor(shape)}"
        if op in ("relu", "clip", "leaky_relu", "sigmoid", "tanh"):
            signature = tensor(shape)
        attributes = " {" + attributes + "}" if attributes else ""
        self.lines.append(f"{name} = lcp.{op} {', '.join(operands)}{attributes} : {signature}")
        self.shapes[name] = shape
        return name

    def constant(self, shape: list[int]) -> str:
        name = f"%v{len(self.shapes)}"
        self.lines.append(f"{name} = lcp.constant dense<0.0> : {tensor(shape)}")
        self.shapes[name] = shape
        return name

    def conv(self, x: str, outputs: int, kernel: list[int], strides=(1, 1), pads=(0, 0, 0, 0),
             dilations=(1, 1), groups: int = 1) -> str:
        n, c, *image = self.shapes[x]
        out = [(image[d] + pads[d] + pads[d + 2] - (kernel[d] - 1) * dilations[d] - 1) // strides[d] + 1
               for d in (0, 1)]
        operands = [x, self.constant([outputs, c // groups, *kernel])]
        if self.rng.random() < 0.7:
            operands.append(self.constant([outputs]))
        attributes = (f"strides = {array(strides)}, pads = {array(pads)}, "
                      f"dilations = {array(dilations)}, groups = {groups} : i64")
        return self.emit("conv2d", operands, attributes, [n, outputs, *out])

    def activation(self, x: str) -> str:
        op = self.rng.choice(["", "relu", "clip", "leaky_relu", "sigmoid", "tanh"])
        attributes = {"clip": "min = 0.0 : f32, max = 6.0 : f32", "leaky_relu": "alpha = 0.1 : f32"}
        return self.emit(op, [x], attributes.get(op, ""), self.shapes[x]) if op else x

    def pool(self, x: str) -> str:
        n, c, *image = self.shapes[x]
        op = self.rng.choice(["max_pool2d", "avg_pool2d"])
        kernel = [min(self.rng.choice([2, 3]), size) for size in image]
        stride = self.rng.choice([1, 2])
        pad = 1 if min(kernel) > 1 and self.rng.random() < 0.5 else 0
        out = [(image[d] + 2 * pad - kernel[d]) // stride + 1 for d in (0, 1)]
        counted = ", count_include_pad" if op == "avg_pool2d" and self.rng.random() < 0.5 else ""
        attributes = (f"kernel = {array(kernel)}, strides = {array([stride] * 2)}, "
                      f"pads = {array([pad] * 4)}{counted}")
        return self.emit(op, [x], attributes, [n, c, *out])

    def classifier(self, x: str) -> str:
        n, c, h, w = self.shapes[x]
        flat = self.emit("flatten", [x], "", [n, c * h * w])
        outputs = self.rng.choice([1, 3, 10, 16, 40, 130])
        dense = self.emit("dense", [flat, self.constant([outputs, c * h * w]), self.constant([outputs])],
                          "", [n, outputs])
        return self.activation(dense)

    def text(self, results: list[str]) -> str:
        types = ", ".join(tensor(self.shapes[r]) for r in results)
        body = "\n  ".join(self.lines)
        return (f"func.func @{self.name}(%x: {tensor(self.shapes['%x'])}) -> ({types}) {{\n"
                f"  {body}\n  return {', '.join(results)} : {types}\n}}\n")


def first_conv(rng: random.Random, name: str) -> tuple[Unit, str]:
    kernel = [rng.choice([1, 3, 3, 5, 2]), rng.choice([1, 3, 3, 5, 2, 7])]
    dilations = [rng.choice([1, 1, 2]) for _ in range(2)]
    strides = [rng.choice([1, 1, 2, 3]) for _ in range(2)]
    channels = rng.choice([1, 2, 3, 4, 5, 8, 16, 17, 20, 32, 33, 48])
    outputs = rng.choice([1, 2, 3, 4, 6, 8, 10, 16, 20, 24, 32, 40, 64])
    groups = 1
    kind = rng.random()
    if kind < 0.2:
        groups = outputs = channels
    elif kind < 0.35:
        groups = rng.choice([2, 3, 4])
        channels = groups * rng.choice([1, 2, 4, 8, 16, 3])
        outputs = groups * rng.choice([1, 2, 4, 8, 16, 5])
    image = [max((kernel[d] - 1) * dilations[d] + 1, rng.randint(1, most)) for d, most in ((0, 20), (1, 34))]
    unit = Unit(name, rng, [rng.choice([1, 1, 1, 2]), channels, *image])
    pads = [rng.randint(0, 2) for _ in range(4)]
    return unit, unit.conv("%x", outputs, kernel, strides, pads, dilations, groups)


def random_unit(rng: random.Random, name: str) -> str:
    unit, x = first_conv(rng, name)
    x = unit.activation(x)
    if rng.random() < 0.3:
        return unit.text([x])
    outputs = rng.choice([1, 3, 4, 8, 12, 16, 32, 50])
    large = min(unit.shapes[x][2:]) >= 3
    y = unit.conv(x, outputs, [3, 3] if large else [1, 1], pads=[1, 1, 1, 1] if large else [0, 0, 0, 0])
    if rng.random() < 0.5:
        y = unit.emit("add", [y, unit.conv(x, outputs, [1, 1])], "", unit.shapes[y])
    y = unit.activation(y)
    n, c, h, w = unit.shapes[y]
    tail = rng.choice(["pool", "global", "concat", "slice", ""])
    if tail == "pool" and min(h, w) >= 2:
        y = unit.pool(y)
    elif tail == "global":
        y = unit.emit("global_avg_pool", [y], "", [n, c, 1, 1])
    elif tail == "concat":
        y = unit.emit("concat", [y, y], "axis = 1 : i64", [n, 2 * c, h, w])
    elif tail == "slice" and c > 4:
        y = unit.emit("slice", [y], f"axis = 1 : i64, begin = 4 : i64, end = {c} : i64", [n, c - 4, h, w])
    if rng.random() < 0.5:
        return unit.text([unit.classifier(y)])
    return unit.text([y] if rng.random() < 0.7 else [y, x])


if __name__ == "__main__":
    generator = random.Random(int(sys.argv[1]))
    print("// -----\n".join(random_unit(generator, f"unit{i}") for i in range(int(sys.argv[2]))))
