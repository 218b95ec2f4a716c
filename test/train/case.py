"""What the tests of lcp_train share: a folder, the built tools, small data sets."""

import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import numpy as np
import torch

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(os.environ.get("LCP_BIN") or ROOT / "build/dev/bin")
sys.path[:0] = [str(ROOT / "tools"), str(ROOT / "test/models")]

import build  # noqa: E402, F401
import graph  # noqa: E402, F401

torch.set_num_threads(1)


class Case(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory(prefix="lcp-train-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def run_tool(self, name: str, *arguments: str | Path) -> str:
        done = subprocess.run([str(BIN / name), *map(str, arguments)], stdin=subprocess.DEVNULL, capture_output=True,
                              text=True)
        self.assertEqual(0, done.returncode, f"{name} {arguments}\n{done.stderr[-2000:]}")
        return done.stdout + done.stderr

    def exported(self, model: Path, split: str = "") -> Path:
        """Through the compiler, and split by these options when there are any."""
        module, out = model.with_suffix(".mlirbc"), model.with_name(f"{model.stem}-exported{split[-1:]}.onnx")
        self.run_tool("lcp-translate", "--import-onnx", model, "-o", module)
        if split:
            self.run_tool("lcp-opt", f"--lcp-split={split}", module, "-o", module)
        self.run_tool("lcp-translate", "--export-onnx", module, "-o", out)
        return out

    def command(self, *arguments: str | Path, **settings: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run([sys.executable, str(ROOT / "tools/lcp_train/lcp-train"), *map(str, arguments)],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, **settings)


def stripes(count: int, size: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Images N x size x size with a bright row at 2 + 2 * label, of 10 classes, on noise."""
    random = np.random.default_rng(seed)
    labels = random.integers(0, 10, count)
    images = random.integers(0, 60, (count, size, size))
    images[np.arange(count), 2 + 2 * labels] += 150
    return images.astype(np.uint8), labels.astype(np.uint8)


def idx(values: np.ndarray) -> bytes:
    """An IDX file's content."""
    head = bytes([0, 0, 8, values.ndim]) + np.array(values.shape, ">u4").tobytes()
    return head + values.tobytes()


def write_idx(folder: Path, train: int = 512, test: int = 128) -> Path:
    folder.mkdir(exist_ok=True)
    for part, count, seed in (("train", train, 1), ("t10k", test, 2)):
        images, labels = stripes(count, 28, seed)
        (folder / f"{part}-images-idx3-ubyte").write_bytes(idx(images))
        (folder / f"{part}-labels-idx1-ubyte").write_bytes(idx(labels))
    return folder
