"""The splitter's identity: the split network is the original with every weight
set to zero that connects two branches, the first layer and the classifier
excepted. The zeros are derived here from widths and topology alone, while the
network is drawn; weights are small whole numbers, so that ONNX Runtime's sums
are exact and both must agree in every bit."""

import os
import unittest
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lcp import FULL, Case, graph, referee

NETWORKS = 1000 if FULL else 200


@dataclass
class Value:
    """A tensor of the network: which branch each of its channels belongs to.

    `branch` is None for the network's input, which every branch sees."""

    name: str
    channels: int
    size: int
    branch: np.ndarray | None


def spread(channels: int, branches: int) -> np.ndarray:
    """Branch of every channel: contiguous, uneven by one, the larger parts first."""
    return np.concatenate([np.full(len(part), b) for b, part in enumerate(np.array_split(range(channels), branches))])


class RandomNetwork:
    """A small network and, weight by weight, its masked twin."""

    def __init__(self, seed: int) -> None:
        self.random = np.random.default_rng(seed)
        self.branches = int(self.random.integers(2, 5))
        self.original, self.masked = graph.Graph(seed), graph.Graph(seed)
        self.count = 0
        self.body()

    def integers(self, *shape: int) -> np.ndarray:
        return self.random.integers(-2, 3, shape).astype(np.float32)

    def node(self, op: str, inputs: list[str], **attributes: object) -> str:
        self.count += 1
        name = f"{op.lower()}{self.count}"
        for twin in (self.original, self.masked):
            twin.node(op, name, inputs, **attributes)
        return name

    def weights(self, weight: np.ndarray, mask: np.ndarray, bias: np.ndarray) -> list[str]:
        """The names of a layer's weight and bias; `mask` broadcasts over the weight."""
        self.count += 1
        names = [f"w{self.count}", f"b{self.count}"]
        for twin, value in ((self.original, weight), (self.masked, weight * mask)):
            twin.constant(names[0], value)
            twin.constant(names[1], bias)
        return names

    def mask(self, branch: np.ndarray, x: Value) -> np.ndarray:
        if x.branch is None:
            return np.ones((len(branch), x.channels), np.float32)
        return (branch[:, None] == x.branch[None, :]).astype(np.float32)

    def width(self) -> int:
        return int(self.random.integers(self.branches, 3 * self.branches + 1))

    def conv(self, x: Value, channels: int, kernel: int, branch: np.ndarray | None = None) -> Value:
        branch = spread(channels, self.branches) if branch is None else branch
        mask = self.mask(branch, x)[:, :, None, None]
        names = self.weights(self.integers(channels, x.channels, kernel, kernel), mask, self.integers(channels))
        y = self.node("Conv", [x.name, *names], kernel_shape=[kernel] * 2, pads=[kernel // 2] * 4)
        return Value(y, channels, x.size, branch)

    def depthwise(self, x: Value) -> Value:
        names = self.weights(self.integers(x.channels, 1, 3, 3), np.ones(1, np.float32), self.integers(x.channels))
        y = self.node("Conv", [x.name, *names], kernel_shape=[3, 3], pads=[1] * 4, group=x.channels)
        return Value(y, x.channels, x.size, x.branch)

    def relu(self, x: Value) -> Value:
        return Value(self.node("Relu", [x.name]), x.channels, x.size, x.branch)

    def pool(self, x: Value) -> Value:
        op = self.random.choice(["MaxPool", "AveragePool"])
        y = self.node(str(op), [x.name], kernel_shape=[2, 2], strides=[2, 2])
        return Value(y, x.channels, x.size // 2, x.branch)

    def residual(self, x: Value) -> Value:
        """What is added to a tensor has that tensor's channels in its branches."""
        y = self.conv(self.relu(self.conv(x, self.width(), 3)), x.channels, 3, x.branch)
        return self.relu(Value(self.node("Add", [y.name, x.name]), x.channels, x.size, x.branch))

    def inception(self, x: Value) -> Value:
        return self.join([self.relu(self.conv(x, self.width(), kernel)) for kernel in (1, 3)])

    def shuffle(self, x: Value) -> Value:
        """Two halves shuffled; in the masked twin each branch shuffles its own."""
        self.count += 1
        name, half = f"shuffle{self.count}", self.width()
        x = self.join([self.relu(self.conv(x, half, kernel)) for kernel in (1, 3)])
        divided = self.original.integers(f"{name}.divided", [1, 2, half, x.size, x.size])
        whole = self.original.integers(f"{name}.whole", [1, 2 * half, x.size, x.size])
        y = self.original.node("Reshape", f"{name}.divide", [x.name, divided])
        y = self.original.node("Transpose", f"{name}.swap", [y], perm=[0, 2, 1, 3, 4])
        self.original.node("Reshape", name, [y, whole])
        order = np.empty(2 * half, np.int64)
        for branch in range(self.branches):
            own = np.flatnonzero(x.branch == branch)
            order[own] = own.reshape(2, -1).T.ravel()
        self.masked.node("Gather", name, [x.name, self.masked.integers(f"{name}.order", order.tolist())], axis=1)
        kept, changed = (Value(part, half, x.size, x.branch[start:start + half])
                         for part, start in zip(self.split(name, half), (0, half)))
        return self.join([kept, self.relu(self.conv(changed, half, 3, changed.branch))])

    def split(self, name: str, half: int) -> list[str]:
        return [twin.split(f"{name}.split", name, [half, half]) for twin in (self.original, self.masked)][0]

    def join(self, parts: list[Value]) -> Value:
        y = self.node("Concat", [p.name for p in parts], axis=1)
        return Value(y, sum(p.channels for p in parts), parts[0].size, np.concatenate([p.branch for p in parts]))

    def excite(self, x: Value) -> Value:
        """Each channel times a factor computed from all channels of its branch; whole numbers stay whole."""
        y = Value(self.node("MaxPool", [x.name], kernel_shape=[x.size] * 2), x.channels, 1, x.branch)
        y = self.conv(self.relu(self.conv(y, self.width(), 1)), x.channels, 1, x.branch)
        low, high = self.bound("low", -1), self.bound("high", 2)
        gate = self.node("Clip", [y.name, low, high])
        return Value(self.node("Mul", [x.name, gate]), x.channels, x.size, x.branch)

    def bound(self, name: str, value: float) -> str:
        self.count += 1
        for twin in (self.original, self.masked):
            twin.constant(f"{name}{self.count}", np.array(value))
        return f"{name}{self.count}"

    def dense(self, x: Value, outputs: int, classifier: bool) -> Value:
        branch = spread(outputs, self.branches)
        mask = np.ones((outputs, x.channels), np.float32) if classifier else self.mask(branch, x)
        names = self.weights(self.integers(outputs, x.channels), mask, self.integers(outputs))
        return Value(self.node("Gemm", [x.name, *names], transB=1), outputs, 1, branch)

    def body(self) -> None:
        x = self.relu(self.conv(Value("image", 3, 8, None), self.width(), 3))
        layers = [lambda v: self.relu(self.conv(v, self.width(), 3)), self.depthwise, self.residual, self.inception,
                  self.shuffle, self.excite]
        for index in self.random.integers(0, len(layers), 2):
            x = layers[index](x)
        x = self.pool(x)
        flat = self.node("Flatten", [x.name], axis=1)
        x = Value(flat, x.channels * x.size**2, 1, np.repeat(x.branch, x.size**2))
        if self.random.integers(2):
            x = self.relu(self.dense(x, self.width(), classifier=False))
        self.output = self.dense(x, 5, classifier=True).name

    def save(self, folder: Path) -> tuple[Path, Path]:
        paths = folder / "original.onnx", folder / "masked.onnx"
        for twin, path in zip((self.original, self.masked), paths):
            twin.nodes[-1].output[0] = "logits"
            twin.save(path, "random", (1, 3, 8, 8), 5)
        return paths


class Identity(Case):
    def check(self, seed: int) -> bool:
        """Whether the masks change the answer, once it was found to be the masked network's."""
        network = RandomNetwork(seed)
        folder = self.folder / str(seed)
        folder.mkdir()
        original, masked = network.save(folder)
        module, split, exported = folder / "original.mlirbc", folder / "split.mlirbc", folder / "split.onnx"
        self.succeed("lcp-translate", "--import-onnx", original, "-o", module)
        self.succeed("lcp-opt", f"--lcp-split={network.branches}", module, "-o", split)
        self.succeed("lcp-translate", "--export-onnx", split, "-o", exported)
        image = np.random.default_rng(seed).integers(-3, 4, (1, 3, 8, 8)).astype(np.float32)
        expected = referee(masked, image)
        self.assertLess(np.abs(expected).max(), 2.0**22, "the sums are no longer exact")
        np.testing.assert_array_equal(expected, referee(exported, image))
        return not np.array_equal(expected, referee(original, image))

    def test_split_equals_masked(self) -> None:
        changed = 0
        # The tools are processes: while one network waits for its own, another is drawn.
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            for seed, outcome in enumerate([pool.submit(self.check, seed) for seed in range(NETWORKS)]):
                with self.subTest(seed=seed):
                    changed += outcome.result()
        self.assertGreater(changed, 0.8 * NETWORKS, "the masks removed too little to test anything")


if __name__ == "__main__":
    unittest.main()
