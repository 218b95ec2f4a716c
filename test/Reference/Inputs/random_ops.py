"""Ops of random shapes in the reference interpreter: float ops against ONNX
Runtime, integer ops, bit for bit, against a restatement in numpy.

    random_ops.py SCRATCH_DIRECTORY
"""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import helper

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))
from declared_ops import activations, binaries, pools, printed_with_one_type  # noqa: E402

Case = tuple[str, str, list[np.ndarray], np.ndarray]  # name, op as MLIR, inputs, expected
RNG = np.random.default_rng(2)
CASES = 8


def mlir_type(array: np.ndarray) -> str:
    element = {"float32": "f32", "int8": "i8", "int32": "i32"}[str(array.dtype)]
    return "tensor<" + "".join(f"{size}x" for size in array.shape) + element + ">"


def run_onnx(op: str, inputs: list[np.ndarray], **attributes: object) -> np.ndarray:
    """One node of opset 17 in ONNX Runtime."""
    names = [f"i{n}" for n in range(len(inputs))]
    values = [helper.make_tensor_value_info(n, onnx.TensorProto.FLOAT, x.shape) for n, x in zip(names, inputs)]
    node = helper.make_node(op, names, ["o"], **{k: v for k, v in attributes.items() if v is not None})
    graph = helper.make_graph([node], "g", values, [helper.make_tensor_value_info("o", onnx.TensorProto.FLOAT, None)])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return session.run(None, dict(zip(names, inputs)))[0]


def floats(*shape: int) -> np.ndarray:
    return RNG.standard_normal(shape).astype(np.float32)


def integers(*shape: int) -> np.ndarray:
    return RNG.integers(-127, 128, shape).astype(np.int8)


def pick(low: int, high: int, count: int = 1) -> list[int]:
    return [int(x) for x in RNG.integers(low, high + 1, count)]


def i64(values: list[int]) -> str:
    return "array<i64: " + ", ".join(map(str, values)) + ">"


def window() -> dict[str, list[int]]:
    kernel, dilations = pick(1, 3, 2), pick(1, 2, 2)
    pads = [min(p, k - 1) for p, k in zip(pick(0, 2, 4), kernel * 2)]
    return {"kernel": kernel, "strides": pick(1, 3, 2), "dilations": dilations, "pads": pads}


def attributes(w: dict[str, list[int]], *names: str) -> str:
    return ", ".join(f"{name} = {i64(w[name])}" for name in names)


def conv_weights(make: object) -> tuple[int, dict[str, list[int]], np.ndarray, np.ndarray]:
    groups, inner, outer = pick(1, 3)[0], pick(1, 3)[0], pick(1, 5)[0]
    w = window()
    height, width = pick(6, 24, 2)
    return groups, w, make(pick(1, 2)[0], groups * inner, height, width), make(groups * outer, inner, *w["kernel"])


def conv_cases() -> Iterator[Case]:
    for _ in range(CASES):
        groups, w, x, weight = conv_weights(floats)
        bias = floats(weight.shape[0])
        text = f"lcp.conv2d %0, %1, %2 {{{attributes(w, 'strides', 'pads', 'dilations')}, groups = {groups} : i64}}"
        yield "conv2d", text, [x, weight, bias], run_onnx(
            "Conv", [x, weight, bias], strides=w["strides"], pads=w["pads"], dilations=w["dilations"], group=groups)


def pool_cases() -> Iterator[Case]:
    """A pool whose attributes ONNX has differently, lcp.avg_pool2d, is written out."""
    for index in range(CASES):
        w, x = window(), floats(1, 2, *pick(6, 12, 2))
        common = {"kernel_shape": w["kernel"], "strides": w["strides"], "pads": w["pads"]}
        for op in pools():
            if op.onnx:
                text = f"lcp.{op.mnemonic} %0 {{{attributes(w, 'kernel', 'strides', 'pads', 'dilations')}}}"
                yield op.mnemonic, text, [x], run_onnx(op.onnx, [x], dilations=w["dilations"], **common)
        counted = ", count_include_pad" if index % 2 else ""
        yield ("avg_pool2d", f"lcp.avg_pool2d %0 {{{attributes(w, 'kernel', 'strides', 'pads')}{counted}}}", [x],
               run_onnx("AveragePool", [x], count_include_pad=index % 2, **common))
        yield "global_avg_pool", "lcp.global_avg_pool %0", [x], run_onnx("GlobalAveragePool", [x])


def other_float_cases() -> Iterator[Case]:
    for _ in range(CASES):
        n, k, o = pick(1, 9, 3)
        x, weight, bias = floats(n, k), floats(o, k), floats(o)
        yield "dense", "lcp.dense %0, %1, %2", [x, weight, bias], run_onnx("Gemm", [x, weight, bias], transB=1)
        c = pick(1, 9)[0]
        x = floats(2, c, *pick(1, 5, 2))
        vectors = [floats(c), floats(c), floats(c), np.abs(floats(c))]
        yield ("batch_norm", "lcp.batch_norm %0, %1, %2, %3, %4 {epsilon = 1.0e-3 : f32}", [x, *vectors],
               run_onnx("BatchNormalization", [x, *vectors], epsilon=1e-3))
        size = 2 * pick(0, 2)[0] + 1  # ONNX Runtime takes odd sizes only
        yield ("lrn", f"lcp.lrn %0 {{size = {size} : i64, alpha = 0.5 : f32, beta = 0.6 : f32, k = 1.5 : f32}}", [x],
               run_onnx("LRN", [x], size=size, alpha=0.5, beta=0.6, bias=1.5))
        axis = pick(0, 3)[0]
        yield "softmax", f"lcp.softmax %0 {{axis = {axis} : i64}}", [x], run_onnx("Softmax", [x], axis=axis)
        perm = [int(p) for p in RNG.permutation(4)]
        yield "transpose", f"lcp.transpose %0 {{permutation = {i64(perm)}}}", [x], x.transpose(perm)
        other = floats(*[1 if RNG.integers(2) else size for size in x.shape][pick(0, 3)[0]:])
        for op in binaries():
            yield op.mnemonic, f"lcp.{op.mnemonic} %0, %1", [x, other], run_onnx(op.onnx, [x, other])
        for op in activations():
            values = {name: default + float(RNG.uniform(0, 0.5)) for name, default in op.floats}
            yield op.mnemonic, op.text(values), [x * 4], run_onnx(op.onnx, [x * 4], **values)
        groups = pick(1, 4)[0]
        mixed = floats(2, groups * pick(1, 3)[0], 3, 2)
        swapped = mixed.reshape(2, groups, -1, 3, 2).transpose(0, 2, 1, 3, 4).reshape(mixed.shape)
        yield "channel_shuffle", f"lcp.channel_shuffle %0 {{groups = {groups} : i64}}", [mixed], swapped


def integer_conv(x: np.ndarray, w: np.ndarray, b: np.ndarray, at: dict[str, list[int]], groups: int) -> np.ndarray:
    """The sums, output by output, in Python's integers."""
    (top, left, bottom, right), (sh, sw), (dh, dw) = at["pads"], at["strides"], at["dilations"]
    padded = np.pad(x.astype(np.int64), ((0, 0), (0, 0), (top, bottom), (left, right)))
    extent = [(k - 1) * d + 1 for k, d in zip(w.shape[2:], (dh, dw))]
    height, width = ((padded.shape[2] - extent[0]) // sh + 1, (padded.shape[3] - extent[1]) // sw + 1)
    out = np.zeros((x.shape[0], w.shape[0], height, width), np.int64)
    inner, per_group = w.shape[1], w.shape[0] // groups
    for n, o, y, c in np.ndindex(*out.shape):
        first = o // per_group * inner
        patch = padded[n, first:first + inner, y * sh:y * sh + extent[0]:dh, c * sw:c * sw + extent[1]:dw]
        out[n, o, y, c] = b[o] + np.sum(patch * w[o].astype(np.int64))
    return out.astype(np.int32)


def integer_cases() -> Iterator[Case]:
    for _ in range(CASES):
        groups, w, x, weight = conv_weights(integers)
        bias = RNG.integers(-5000, 5000, weight.shape[0]).astype(np.int32)
        text = f"lcp.conv2d %0, %1, %2 {{{attributes(w, 'strides', 'pads', 'dilations')}, groups = {groups} : i64}}"
        sums = integer_conv(x, weight, bias, w, groups)
        yield "conv2d i8", text, [x, weight, bias], sums
        multiplier = RNG.integers(0, 1 << 15, sums.shape[1]).astype(np.int32)
        shift = RNG.integers(1, 40, sums.shape[1]).astype(np.int32)
        each = (1, -1, 1, 1)
        product = sums.astype(object) * multiplier.astype(object).reshape(each)
        half = np.array([1 << (int(s) - 1) for s in shift], object).reshape(each)
        rounded = np.vectorize(lambda p, s: p >> s)(product + half, shift.astype(object).reshape(each))
        yield ("requantize", "lcp.requantize %0, %1, %2 {min = -100 : i32}", [sums, multiplier, shift],
               np.clip(rounded.astype(np.int64), -100, 127).astype(np.int8))
        a, b = integers(2, 3, 4), integers(2, 3, 4)
        yield ("scaled_sum", "lcp.scaled_sum %0, %1 {weights = array<i32: 32767, -20011>}", [a, b],
               a.astype(np.int32) * 32767 - b.astype(np.int32) * 20011)
        real, scale = floats(4, 5) * 3, np.float32(RNG.uniform(0.001, 0.1))
        attribute = f"{{scale = {float(scale):.17e} : f32}}"
        quantized = np.clip(np.rint(real / scale), -127, 127).astype(np.int8)
        yield "quantize", f"lcp.quantize %0 {attribute}", [real], quantized
        yield "dequantize", f"lcp.dequantize %0 {attribute}", [quantized], quantized.astype(np.float32) * scale


def write_case(folder: Path, index: int, case: Case) -> str:
    """The function of one case; the line of the job file that runs it."""
    name, op, inputs, expected = case
    types = [mlir_type(x) for x in inputs]
    kind = types[0] if op.split()[0][4:] in printed_with_one_type() else f"({', '.join(types)}) -> {mlir_type(expected)}"
    arguments = ", ".join(f"%{i}: {t}" for i, t in enumerate(types)).replace("%", "%a")
    for i in range(len(inputs)):
        op = op.replace(f"%{i}", f"%a{i}")
    (folder / f"{index}.mlir").write_text(
        f"func.func @main({arguments}) -> {mlir_type(expected)} {{\n"
        f"  %y = {op} : {kind}\n  return %y : {mlir_type(expected)}\n}}\n")
    for i, x in enumerate(inputs):
        np.save(folder / f"{index}.{i}.npy", x)
    inputs_text = " ".join(f"--input={folder}/{index}.{i}.npy" for i in range(len(inputs)))
    return f"{folder}/{index}.mlir {inputs_text} --output={folder}/{index}.out.npy\n"


def main() -> int:
    folder = Path(sys.argv[1])
    cases = [*conv_cases(), *pool_cases(), *other_float_cases(), *integer_cases()]
    if missing := {op.mnemonic for op in pools()} - {name for name, *_ in cases}:
        print("no case for", *sorted(missing))
        return 1
    (folder / "jobs").write_text("".join(write_case(folder, i, case) for i, case in enumerate(cases)))
    subprocess.run(["lcp-reference", f"--jobs={folder}/jobs"], check=True, stdout=subprocess.DEVNULL)
    wrong = 0
    for index, (name, op, _, expected) in enumerate(cases):
        result = np.load(folder / f"{index}.out.npy")
        exact = name in ("conv2d i8", "requantize", "scaled_sum", "quantize", "dequantize", "transpose",
                         "channel_shuffle")
        # 1e-5 is what ONNX Runtime, in f32, may be off; the reference is exact to 1e-15.
        limit = 0 if exact else 1e-5 * max(1e-3, np.abs(expected).max())
        if result.shape != expected.shape or np.abs(result - expected.astype(np.float64)).max() > limit:
            print(f"case {index}: {op}\n{result}\nis not\n{expected}")
            wrong += 1
    print(f"{len(cases) - wrong} of {len(cases)} cases agree")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
