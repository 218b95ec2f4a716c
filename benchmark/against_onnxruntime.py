#!/usr/bin/env python3
"""Batch-1 latency beside ONNX Runtime, one thread each. Called by
./bootstrap bench.

Both run in turn, round by round, because these machines are shared: the ratio is
taken round by round and its median is what to quote, not the milliseconds."""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import onnxruntime

ROOT = Path(__file__).resolve().parents[1]
SHIPPED = ROOT / "models" / "lenet-digits.onnx"
BUILT = ("resnet18", "mobilenet_v2", "squeezenet")
SECONDS = 0.5  # of each engine in each round


def build_models(folder: Path) -> list[Path]:
    models = [SHIPPED]
    for name in BUILT:
        models.append(folder / f"{name}.onnx")
        subprocess.run([sys.executable, ROOT / "test/models/build.py", name, "-o", models[-1]], check=True)
    return models


def ours(tool: Path, bundle: Path) -> float:
    done = subprocess.run([tool, bundle, "--benchmark", "--json", "--threads=1", f"--min-time={SECONDS}"],
                          check=True, capture_output=True, text=True)
    return json.loads(done.stdout)["benchmark"]["median_ms"]


def make_session(model: Path) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def theirs(session: onnxruntime.InferenceSession) -> float:
    value = session.get_inputs()[0]
    shape = [size if isinstance(size, int) else 1 for size in value.shape]
    feed = {value.name: np.random.default_rng(1).standard_normal(shape).astype(np.float32)}
    times, end = [], time.perf_counter() + SECONDS
    session.run(None, feed)
    while time.perf_counter() < end or len(times) < 3:
        start = time.perf_counter()
        session.run(None, feed)
        times.append((time.perf_counter() - start) * 1e3)
    return statistics.median(times)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", type=Path, required=True, help="folder of the tools")
    parser.add_argument("--rounds", type=int, default=7)
    args = parser.parse_args()
    print(f"one thread, batch 1, {args.rounds} rounds in turn; ONNX Runtime {onnxruntime.__version__}\n")
    print(f"{'model':16}{'lcp ms':>10}{'ort ms':>10}{'ort / lcp':>11}   of the rounds' ratios")
    with tempfile.TemporaryDirectory() as folder:
        for model in build_models(Path(folder)):
            bundle = Path(folder) / f"{model.stem}.fb"
            subprocess.run([args.bin / "lcp-compile", "--target=host", model, "-o", bundle], check=True)
            session = make_session(model)
            pairs = [(ours(args.bin / "lcp-run", bundle), theirs(session)) for _ in range(args.rounds)]
            ratios = sorted(b / a for a, b in pairs)
            print(f"{model.stem:16}{statistics.median(a for a, _ in pairs):10.3f}"
                  f"{statistics.median(b for _, b in pairs):10.3f}{statistics.median(ratios):11.2f}"
                  f"   {ratios[0]:.2f} to {ratios[-1]:.2f}", flush=True)


if __name__ == "__main__":
    main()
