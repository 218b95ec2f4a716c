"""What Winograd's convolution may differ by (docs/numerics.md), on random inputs
and on such as are hard for it; and that --exact-conv does without."""

import re
import unittest

import numpy as np

from lcp import Case, graph, random_image

TARGET = "x86-64-v3"
POINTS = {2: (1,), 4: (5 / 8, 3 / 2)}
ROUNDINGS = {2: 7, 4: 11}  # besides one for every input channel
CHANNELS = 64
UNIT = 2.0**-24


def matrices(results: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A^T, G and B^T of F(mxm, 3x3)."""
    points = [0.0, *(sign * point for point in POINTS[results] for sign in (1, -1))]
    size = results + 2
    a, g, b = np.zeros((results, size)), np.zeros((size, 3)), np.zeros((size, size))
    for i, point in enumerate(points):
        others = points[:i] + points[i + 1:]
        a[:, i] = [point**power for power in range(results)]
        g[i] = np.array([1, point, point**2]) / np.prod([point - other for other in others])
        b[i, :size - 1] = np.poly(others)[::-1]
    a[-1, -1] = g[-1, -1] = 1
    b[-1] = np.poly(points)[::-1]
    return a, g, b


def directly(padded: np.ndarray, weights: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    height, width = size
    return sum(np.einsum("cyx,oc->oyx", padded[:, y:y + height, x:x + width], weights[:, :, y, x])
               for y in range(3) for x in range(3))


def bound(results: int, padded: np.ndarray, weights: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Of the error of each result, whose patch begins where the kernel puts it."""
    a, g, b = (np.abs(matrix) for matrix in matrices(results))
    transformed = np.einsum("pi,ocij,qj->ocpq", g, np.abs(weights), g)
    bounds = np.zeros((len(weights), *size))
    starts = [[min(at, length - results) for at in range(0, length, results)] for length in size]
    for y in starts[0]:
        for x in starts[1]:
            patch = np.abs(padded[:, y:y + results + 2, x:x + results + 2])
            sums = np.einsum("ocpq,cpq->opq", transformed, np.einsum("pi,cij,qj->cpq", b, patch, b))
            into = bounds[:, y:y + results, x:x + results]
            np.maximum(into, np.einsum("ip,opq,jq->oij", a, sums, a), out=into)
    roundings = (CHANNELS + ROUNDINGS[results]) * UNIT
    return roundings / (1 - roundings) * bounds


class Winograd(Case):
    def layer(self, image: np.ndarray, weights: np.ndarray, *flags: str) -> tuple[np.ndarray, int]:
        """The layer's answer, and the results in a row of a patch: 0 if computed directly.

        A layer before it, which changes nothing, puts the image into blocks of channels."""
        network, model = graph.Graph(1), self.folder / "layer.onnx"
        same = network.constant("same", np.eye(CHANNELS)[:, :, None, None])
        network.node("Conv", "blocks", ["image", same])
        network.node("Conv", "logits", ["blocks", network.constant("weights", weights)], pads=[1, 1, 1, 1])
        network.save(model, "layer", image.shape, 1)
        bundle = self.folder / "layer.fb"
        done = self.succeed("lcp-compile", f"--target={TARGET}", "--mlir-print-ir-after=lcp-cpu-schedule", *flags,
                            model, "-o", bundle)
        form = re.search(r"winograd = (\d)", done.stderr)
        answer = self.run_bundle(bundle, image)
        self.assertTrue(np.array_equal(answer, self.run_bundle(bundle, image, "--threads=3")))
        return answer[0], int(form[1]) if form else 0

    def check(self, image: np.ndarray, weights: np.ndarray, form: int) -> float:
        """Holds the error to the bound; returns it relative to the largest result."""
        answer, used = self.layer(image, weights)
        self.assertEqual(form, used)
        padded = np.pad(image[0].astype(np.float64), ((0, 0), (1, 1), (1, 1)))
        expected = directly(padded, weights.astype(np.float64), image.shape[2:])
        errors = np.abs(answer - expected)
        self.assertLessEqual(float((errors / bound(form, padded, weights, image.shape[2:])).max()), 1)
        return float(errors.max() / np.abs(expected).max())

    def check_all(self, size: tuple[int, int], form: int) -> None:
        shape = (1, CHANNELS, *size)
        image, weights = random_image(shape), random_image((CHANNELS, CHANNELS, 3, 3), seed=2) / 24
        with self.subTest("random"):
            self.assertLessEqual(self.check(image, weights, form), 1e-5)
        with self.subTest("magnitudes of channels that differ"):
            scales = (10.0 ** np.linspace(-3, 3, CHANNELS)).astype(np.float32)[:, None, None]
            self.check(image * scales, weights, form)
        with self.subTest("what is equal cancels"):
            self.check(1000 + image, weights - weights.mean(axis=(1, 2, 3), keepdims=True), form)
        with self.subTest("signs that alternate"):
            signs = (-1.0) ** np.add.outer(*(np.arange(length) for length in size))
            self.check((np.abs(image) * signs).astype(np.float32), np.abs(weights), form)

    def test_two_by_two(self) -> None:
        self.check_all((13, 9), 2)

    def test_four_by_four(self) -> None:
        self.check_all((28, 28), 4)
        self.check_all((27, 31), 4)

    def test_whole_numbers(self) -> None:
        """Two by two keeps sums exact, and so does every layer that is computed directly."""
        random = np.random.default_rng(3)
        weights = random.integers(-4, 5, (CHANNELS, CHANNELS, 3, 3)).astype(np.float32)
        for size, flags, form in (((13, 9), (), 2), ((28, 28), ("--exact-conv",), 0)):
            image = random.integers(-8, 9, (1, CHANNELS, *size)).astype(np.float32)
            answer, used = self.layer(image, weights, *flags)
            self.assertEqual(form, used)
            expected = directly(np.pad(image[0], ((0, 0), (1, 1), (1, 1))), weights, size)
            self.assertTrue(np.array_equal(expected, answer))


if __name__ == "__main__":
    unittest.main()
