"""Writes random units as MLIR, for lcp-cpu-check: convolutions of every kind
with what stands around them in networks, as many graphs of any ops, as many
integer networks, and as many 3x3 convolutions that are worth a transform. Constants are left to the tool.

    random_units.py SEED COUNT
"""

import random
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "test/tools"))
from declared_ops import activations, binaries, pools, printed_with_one_type  # noqa: E402

ACTIVATIONS = ("clip", *(op.mnemonic for op in activations()))
BINARIES = [op.mnemonic for op in binaries()]
ONE_TYPE = printed_with_one_type()


def tensor(shape: list[int], element: str = "f32") -> str:
    return "tensor<" + "x".join(map(str, [*shape, element])) + ">"


def array(values: list[int]) -> str:
    return "array<i64: " + ", ".join(map(str, values)) + ">"


class Unit:
    """One function while it is written; values are (name, shape)."""

    def __init__(self, name: str, rng: random.Random, shape: list[int], element: str = "f32"):
        self.name, self.rng, self.lines = name, rng, []
        self.shapes, self.elements = {"%x": shape}, {"%x": element}

    def type(self, value: str) -> str:
        return tensor(self.shapes[value], self.elements[value])

    def emit(self, op: str, operands: list[str], attributes: str, shape: list[int], element: str = "") -> str:
        name = f"%v{len(self.shapes)}"
        element = element or self.elements[operands[0]]
        types = ", ".join(self.type(o) for o in operands)
        signature = f"({types}) -> {tensor(shape, element)}"
        if op in ONE_TYPE:
            signature = tensor(shape, element)
        attributes = " {" + attributes + "}" if attributes else ""
        self.lines.append(f"{name} = lcp.{op} {', '.join(operands)}{attributes} : {signature}")
        self.shapes[name], self.elements[name] = shape, element
        return name

    def constant(self, shape: list[int], element: str = "f32", value: int = 0) -> str:
        name = f"%v{len(self.shapes)}"
        literal = "0.0" if element == "f32" else str(value)
        self.lines.append(f"{name} = lcp.constant dense<{literal}> : {tensor(shape, element)}")
        self.shapes[name], self.elements[name] = shape, element
        return name

    def conv(self, x: str, outputs: int, kernel: list[int], strides=(1, 1), pads=(0, 0, 0, 0),
             dilations=(1, 1), groups: int = 1) -> str:
        n, c, *image = self.shapes[x]
        out = [(image[d] + pads[d] + pads[d + 2] - (kernel[d] - 1) * dilations[d] - 1) // strides[d] + 1
               for d in (0, 1)]
        element = self.elements[x]
        result = "i32" if element == "i8" else "f32"
        operands = [x, self.constant([outputs, c // groups, *kernel], element)]
        if self.rng.random() < 0.7:
            operands.append(self.constant([outputs], result))
        attributes = (f"strides = {array(strides)}, pads = {array(pads)}, "
                      f"dilations = {array(dilations)}, groups = {groups} : i64")
        return self.emit("conv2d", operands, attributes, [n, outputs, *out], result)

    def requantize(self, x: str, inputs: int) -> str:
        """Back to i8, of sums over so many products."""
        shape = self.shapes[x]
        channels = self.rng.choice([1, shape[1]])
        multiplier = self.constant([channels], "i32", self.rng.randint(1 << 8, 1 << 9))
        shift = self.constant([channels], "i32", 15 + inputs.bit_length() // 2)
        attributes = self.rng.choice(["", "min = 0 : i32"])
        return self.emit("requantize", [x, multiplier, shift], attributes, shape, "i8")

    def activation(self, x: str) -> str:
        op = self.rng.choice(["", *ACTIVATIONS])
        attributes = "min = 0.0 : f32, max = 6.0 : f32" if op == "clip" else ""
        return self.emit(op, [x], attributes, self.shapes[x]) if op else x

    def pool(self, x: str) -> str:
        rng = self.rng
        n, c, *image = self.shapes[x]
        op = rng.choice(pools())
        kernel = [min(rng.choice([2, 3]), size) for size in image]
        dilations = [rng.choice([1, 1, 2]) if (k - 1) * 2 < size else 1 for k, size in zip(kernel, image)]
        strides = [rng.choice([1, 2, 3]) for _ in range(2)]
        # No window lies wholly in the padding.
        pads = [rng.choice([0, 0, 1]) if kernel[d % 2] > 1 else 0 for d in range(4)]
        out = [(image[d] + pads[d] + pads[d + 2] - (kernel[d] - 1) * dilations[d] - 1) // strides[d] + 1
               for d in (0, 1)]
        flags = "".join(f", {flag}" for flag in op.flags if rng.random() < 0.5)
        attributes = (f"kernel = {array(kernel)}, strides = {array(strides)}, pads = {array(pads)}, "
                      f"dilations = {array(dilations)}{flags}")
        return self.emit(op.mnemonic, [x], attributes, [n, c, *out])

    def classifier(self, x: str) -> str:
        n, c, h, w = self.shapes[x]
        flat = self.emit("flatten", [x], "", [n, c * h * w])
        outputs = self.rng.choice([1, 3, 10, 16, 40, 130])
        dense = self.emit("dense", [flat, self.constant([outputs, c * h * w]), self.constant([outputs])],
                          "", [n, outputs])
        return self.activation(dense)

    def text(self, results: list[str]) -> str:
        types = ", ".join(self.type(r) for r in results)
        body = "\n  ".join(self.lines)
        return (f"func.func @{self.name}(%x: {self.type('%x')}) -> ({types}) {{\n"
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


def graph_step(unit: Unit, values: list[str]) -> str:
    """A random op on some of the values so far, which are images."""
    rng, shapes = unit.rng, unit.shapes
    x = rng.choice(values[-3:])
    n, c, h, w = shapes[x]
    op = rng.choice(["conv", "conv", "conv", "depthwise", "activation", "activation", "pool", "binary", "binary",
                     "constant", "gate", "concat", "concat", "slice", "pad", "mixer", "transpose", "reshape"])
    if op == "conv" and min(h, w) >= 3:
        return unit.conv(x, rng.choice([3, 8, 12, 16, 20, 32]), [3, 3], [rng.choice([1, 1, 2])] * 2, [1, 1, 1, 1])
    if op == "conv":
        return unit.conv(x, rng.choice([4, 8, 16, 24]), [1, 1])
    if op == "depthwise" and c > 1:
        return unit.conv(x, c, [1, 1] if min(h, w) < 3 else [3, 3], pads=[1, 1, 1, 1], groups=c)
    if op == "pool" and min(h, w) >= 2:
        return unit.pool(x)
    if op == "binary":
        y = rng.choice([v for v in values if shapes[v] == shapes[x]])
        return unit.emit(rng.choice(BINARIES), rng.choice([[x, y], [y, x]]), "", shapes[x])
    if op == "constant":
        y = unit.constant(rng.choice([[c, 1, 1], [1], [1, c, h, w], [h, w], [1, 1, h, 1], [1, c, 1, w]]))
        return unit.emit(rng.choice(BINARIES), [x, y], "", shapes[x])
    if op == "gate":
        y = unit.emit("sigmoid", [unit.emit("global_avg_pool", [x], "", [n, c, 1, 1])], "", [n, c, 1, 1])
        return unit.emit("mul", [x, y], "", shapes[x])
    if op == "concat":
        others = [v for v in values if shapes[v][0] == n and shapes[v][2:] == [h, w]]
        operands = [x] + rng.choices(others, k=rng.randint(1, 2))
        channels = sum(shapes[v][1] for v in operands)
        return unit.emit("concat", operands, "axis = 1 : i64", [n, channels, h, w])
    if op == "slice":
        axis = rng.choice([1, 2, 3])
        begin = rng.choice([b for b in (0, 1, 4, 8) if b < shapes[x][axis]])
        end = rng.randint(begin + 1, shapes[x][axis])
        shape = [end - begin if d == axis else size for d, size in enumerate(shapes[x])]
        return unit.emit("slice", [x], f"axis = {axis} : i64, begin = {begin} : i64, end = {end} : i64", shape)
    if op == "pad":
        low, high = [0, 0, rng.randint(0, 2), 1], [0, 0, 0, rng.randint(0, 2)]
        shape = [size + low[d] + high[d] for d, size in enumerate(shapes[x])]
        return unit.emit("pad", [x], f"low = {array(low)}, high = {array(high)}, value = 0.5 : f32", shape)
    if op == "mixer":
        op, attributes = rng.choice([("softmax", "axis = 1 : i64"), ("softmax", "axis = 3 : i64"),
                                     ("lrn", "size = 5 : i64, alpha = 0.5 : f32")])
        return unit.emit(op, [x], attributes, shapes[x])
    if op == "transpose":
        return unit.emit("transpose", [x], "permutation = array<i64: 0, 1, 3, 2>", [n, c, w, h])
    if op == "reshape" and h % 2 == 0:
        return unit.emit("reshape", [x], "", [n, c * 2, h // 2, w])
    return unit.activation(x)


def random_graph(rng: random.Random, name: str) -> str:
    shape = [rng.choice([1, 1, 2]), rng.choice([1, 3, 8, 16, 24]), rng.randint(1, 12), rng.randint(1, 20)]
    unit = Unit(name, rng, shape)
    values = ["%x"]
    for _ in range(rng.randint(4, 12)):
        if unit.shapes[values[-1]][1] > 100:
            break
        values.append(graph_step(unit, values))
    return unit.text(sorted(set(rng.choices(values[1:], k=2) + values[-1:])))


def integer_unit(rng: random.Random, name: str) -> str:
    """Quantised layers, to be exact to the last bit."""
    unit = Unit(name, rng, [1, rng.choice([1, 3, 5, 8, 16, 17, 20]), rng.randint(3, 12), rng.randint(3, 20)])
    n, c, h, w = unit.shapes["%x"]
    x = unit.emit("quantize", ["%x"], "scale = 0.03 : f32", unit.shapes["%x"], "i8")
    for _ in range(rng.randint(1, 3)):
        c = unit.shapes[x][1]
        kernel = [1, 1] if min(unit.shapes[x][2:]) < 3 else rng.choice([[3, 3], [1, 1]])
        depthwise = c > 1 and rng.random() < 0.3
        outputs = c if depthwise else rng.choice([3, 4, 6, 7, 16, 17, 20, 32, 40])
        groups = c if depthwise else 2 if c % 2 == 0 and outputs % 2 == 0 and rng.random() < 0.2 else 1
        y = unit.conv(x, outputs, kernel, [rng.choice([1, 2])] * 2, [kernel[0] // 2] * 4, groups=groups)
        x = unit.requantize(y, c // groups * kernel[0] * kernel[1])
        if rng.random() < 0.3:
            skip = unit.requantize(unit.conv(x, outputs, [1, 1]), unit.shapes[x][1])
            total = unit.emit("scaled_sum", [x, skip], "weights = array<i32: 16384, -9021>", unit.shapes[x], "i32")
            shape = unit.shapes[x]
            one, shift = unit.constant([1], "i32", 1), unit.constant([1], "i32", 15)
            x = unit.emit("requantize", [total, one, shift], "min = 0 : i32", shape, "i8")
        if rng.random() < 0.4 and min(unit.shapes[x][2:]) >= 2:
            n, c, h, w = unit.shapes[x]
            x = unit.emit("max_pool2d", [x], "kernel = array<i64: 2, 2>", [n, c, h - 1, w - 1])
        if rng.random() < 0.3:
            x = unit.emit("concat", [x, x], "axis = 1 : i64", [n, 2 * unit.shapes[x][1], *unit.shapes[x][2:]])
    n, c, h, w = unit.shapes[x]
    flat = unit.emit("flatten", [x], "", [n, c * h * w])
    sums = unit.emit("dense", [flat, unit.constant([10, c * h * w], "i8"), unit.constant([10], "i32")], "", [n, 10], "i32")
    scores = unit.emit("dequantize", [unit.requantize(sums, c * h * w)], "scale = 0.1 : f32", [n, 10], "f32")
    total = unit.emit("global_avg_pool", [x], "", [n, c, 1, 1], "i32")
    return unit.text([scores, total, x])


def transformed_unit(rng: random.Random, name: str) -> str:
    """3x3 layers of stride 1 between blocks of channels, of any size."""
    unit = Unit(name, rng, [rng.choice([1, 1, 2]), 8, rng.randint(8, 30), rng.randint(8, 30)])
    x = unit.conv("%x", rng.choice([32, 36, 48, 64]), [1, 1])
    for _ in range(rng.randint(1, 2)):
        pads = [rng.choice([1, 1, 0]) for _ in range(4)]
        y = unit.conv(x, rng.choice([24, 32, 44, 64, 72]), [3, 3], pads=pads)
        if unit.shapes[y] == unit.shapes[x]:
            y = unit.emit("add", [y, x], "", unit.shapes[y])
        x = unit.activation(y)
    return unit.text([x])


if __name__ == "__main__":
    generator = random.Random(int(sys.argv[1]))
    units = [kind(generator, f"{kind.__name__}{i}") for i in range(int(sys.argv[2]))
             for kind in (random_unit, random_graph, integer_unit, transformed_unit)]
    print("// -----\n".join(units))
