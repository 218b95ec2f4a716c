"""What the end-to-end tests share: the tools as processes, ONNX Runtime as the
referee, and the tolerance of docs/numerics.md."""

import os
import subprocess
import sys
import tempfile
import unittest
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
import onnxruntime

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(os.environ.get("LCP_BIN") or ROOT / "build/dev/bin")
# Another build's lcp-run, such as a sanitized one.
RUN = Path(os.environ.get("LCP_RUN") or BIN / "lcp-run")
# For Raspberry Pis, and what runs it on another machine.
AARCH64_RUN = ROOT / "build/runtime-aarch64/bin/lcp-run"
QEMU = ("qemu-aarch64", "-L", "/usr/aarch64-linux-gnu")
# The ONNX reader alone, sanitized, to stand in for lcp-translate on bad files.
READER = os.environ.get("LCP_READER")
MODELS = ROOT / "models"
FULL = bool(os.environ.get("LCP_FULL"))
TOLERANCE = 1e-4

sys.path[:0] = [str(ROOT / "test/models"), str(ROOT / "test/tools")]
import build  # noqa: E402, F401
import graph  # noqa: E402, F401

Argument = str | Path


def tool(name: str, *arguments: Argument, timeout: float = 300,
         prefix: Sequence[Argument] = ()) -> subprocess.CompletedProcess[str]:
    """Runs a tool; its status is the caller's to check."""
    binary = RUN if name == "lcp-run" else BIN / name if "/" not in name else name
    command = [*prefix, binary, *arguments]
    return subprocess.run([str(c) for c in command], stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, errors="replace", timeout=timeout)


@lru_cache(maxsize=4)
def open_session(model: Path, changed: int) -> onnxruntime.InferenceSession:
    """`changed` tells a file from an earlier one of the same name."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = 1  # more of them cost small models most of the time
    return onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])


def referee(model: Path, image: np.ndarray) -> np.ndarray:
    """What ONNX Runtime answers for a model of one input and one output."""
    session = open_session(model, model.stat().st_mtime_ns)
    return session.run(None, {session.get_inputs()[0].name: image})[0]


def random_image(shape: Sequence[int], seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


class Case(unittest.TestCase):
    """A test with a folder of its own and the tools at hand."""

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory(prefix="lcp-e2e-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def succeed(self, name: str, *arguments: Argument, prefix: Sequence[Argument] = (),
                timeout: float = 300) -> subprocess.CompletedProcess[str]:
        done = tool(name, *arguments, prefix=prefix, timeout=timeout)
        command = " ".join(map(str, (name, *arguments)))
        self.assertEqual(0, done.returncode, f"{command}\n{done.stderr[-2000:]}")
        return done

    def refuse(self, name: str, *arguments: Argument, lines: int | None = 1,
               prefix: Sequence[Argument] = ()) -> str:
        """The tool must fail in order: status 1 or 2, `lines` lines on stderr, no crash."""
        done = tool(name, *arguments, prefix=prefix)
        command = " ".join(map(str, (name, *arguments)))
        self.assertIn(done.returncode, (1, 2), f"{command} ended with {done.returncode}\n{done.stderr[-2000:]}")
        said = [line for line in done.stderr.splitlines() if line.strip()]
        if lines is not None:
            self.assertEqual(lines, len(said), f"{command}\n{done.stderr[-2000:]}")
        self.assertIn("error", done.stderr, command)
        return done.stderr

    def compile(self, model: Path, *flags: Argument, target: str = "host") -> Path:
        bundle = self.folder / f"{model.stem}-{target}.fb"
        self.succeed("lcp-compile", f"--target={target}", *flags, model, "-o", bundle)
        return bundle

    def run_bundle(self, bundle: Path, image: np.ndarray, *flags: Argument, name: str = "lcp-run",
                   prefix: Sequence[Argument] = ()) -> np.ndarray:
        np.save(self.folder / "in.npy", image)
        out = self.folder / "out.npy"
        out.unlink(missing_ok=True)
        self.succeed(name, bundle, f"--input={self.folder / 'in.npy'}", f"--output={out}", *flags, prefix=prefix)
        return np.load(out)

    def imported(self, model: Path) -> Path:
        module = self.folder / f"{model.stem}.mlirbc"
        self.succeed("lcp-translate", "--import-onnx", model, "-o", module)
        return module

    def optimised(self, module: Path, *flags: Argument, suffix: str) -> Path:
        out = self.folder / f"{module.stem}-{suffix}.mlirbc"
        self.succeed("lcp-opt", *flags, module, "-o", out)
        return out

    def exported(self, module: Path) -> Path:
        out = self.folder / f"{module.stem}-exported.onnx"
        self.succeed("lcp-translate", "--export-onnx", module, "-o", out)
        return out

    def assert_close(self, expected: np.ndarray, actual: np.ndarray, tolerance: float = TOLERANCE) -> None:
        """Relative to the tensor's largest magnitude."""
        self.assertEqual(expected.shape, actual.shape)
        error = float(np.abs(expected.astype(np.float64) - actual).max() / np.abs(expected).max())
        self.assertLessEqual(error, tolerance)
