#!/usr/bin/env python3
"""Accuracy of split networks, measured: trains a declared list of rows with one
recipe a network and writes docs/accuracy.md.

    benchmark/accuracy.py run --mnist=DIR [--cifar10=DIR|ZIP] [--network=lenet] [--minutes=60]
    benchmark/accuracy.py table

Each finished run is a small JSON file in benchmark/accuracy/; `run` does those
that are missing, in the order declared here, and can be stopped and started
again, or run twice at once. Needs PyTorch, onnx and, for CIFAR, Pillow.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tools"), str(ROOT / "test/models")]

import accuracy_rows as rows  # noqa: E402
import accuracy_table  # noqa: E402
import build  # noqa: E402
import counts  # noqa: E402
import layers  # noqa: E402
import onnx  # noqa: E402
from accuracy_rows import Row  # noqa: E402
from lcp_train import OnnxModule, Problem, data, load, save  # noqa: E402
from lcp_train.module import write_whole  # noqa: E402
from lcp_train.training import Trainer, accuracy  # noqa: E402

RUNS = ROOT / "benchmark" / "accuracy"


class Narrow(layers.Layers):
    """Any width, without Layers' multiples of 8."""

    def scaled(self, channels: int) -> int:
        return max(1, round(channels * self.factor))


def narrow_model(network: str, macs: int) -> onnx.ModelProto:
    """The network at the width, at most its own, whose MACs come closest to `macs`."""
    entry = build.NETWORKS[network]
    shape = (1, entry.channels, entry.image, entry.image)

    def at(factor: float, weights: bool) -> onnx.ModelProto:
        g = Narrow(18, factor, weights)
        entry.define(g, layers.Image("image", *shape[1:]), entry.classes)
        return g.model(network, shape, entry.classes)

    best = min((i / 400 for i in range(1, 401)), key=lambda f: abs(counts.total(at(f, False))[1] - macs))
    return at(best, True)


class Workshop:
    """Makes networks with the built tools, in a folder of its own."""

    def __init__(self, bin: Path, folder: Path) -> None:
        self.bin, self.folder = bin, folder
        folder.mkdir(parents=True, exist_ok=True)

    def tool(self, name: str, *arguments: str | Path) -> None:
        done = subprocess.run([str(self.bin / name), *map(str, arguments)], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True)
        if done.returncode:
            raise Problem(f"{name} {' '.join(map(str, arguments))}: {done.stderr.strip()}")

    def trained(self, row: Row) -> Path:
        return self.folder / f"{row.name}.onnx"

    def untrained(self, row: Row, found: data.Data) -> Path:
        """The network of a row before its training."""
        path = self.folder / f"{row.name}-{os.getpid()}.onnx"
        if row.kind == "split":
            module, inputs, options = path.with_suffix(".mlirbc"), path.with_suffix(".npy"), row.split_options
            if row.assign == "affinity":
                images = rows.PIXELS[row.network](found.train.images[:rows.CALIBRATED])
                np.save(inputs, images.contiguous().numpy())
                options += f" calibrate={inputs}"
            self.tool("lcp-translate", "--import-onnx", self.trained(row.parent), "-o", module)
            self.tool("lcp-opt", f"--lcp-split={options}", module, "-o", module)
            self.tool("lcp-translate", "--export-onnx", module, "-o", path)
            module.unlink()
            inputs.unlink(missing_ok=True)
        elif row.kind == "narrow":
            like = self.untrained(row.like, found)
            onnx.save(narrow_model(row.network, counts.total(onnx.load(str(like)))[1]), str(path))
            like.unlink()
        elif row.kind == "again":
            path.write_bytes(self.trained(row.parent).read_bytes())
        else:
            build.make(row.network, path)
        return path


def version() -> dict[str, str]:
    """Git's names for the contents of what trains and what splits: they outlive a rebase."""
    def tree(folder: str) -> str:
        return subprocess.run(["git", "-C", str(ROOT), "rev-parse", "--short", f"HEAD:{folder}"], capture_output=True,
                              text=True).stdout.strip()
    return {"trainer": tree("tools/lcp_train"), "splitter": tree("lib/Split"), "torch": torch.__version__}


VERSION = version()


def train(row: Row, shop: Workshop, found: data.Data, quiet: bool) -> dict:
    """One run: what is stored of it."""
    path = shop.untrained(row, found)
    parameters, macs = counts.total(onnx.load(str(path)))
    module: OnnxModule = load(path)
    path.unlink()
    recipe, pixels = rows.recipe(row), rows.PIXELS[row.network]
    before = accuracy(module, found.test, pixels)
    teacher = load(shop.trained(row.parent)) if row.distill else None
    start = time.monotonic()
    trainer = Trainer(module, found.train, recipe, pixels, teacher)
    checkpoint = shop.folder / f"{row.name}.checkpoint"
    trainer.fit(checkpoint, quiet)
    save(module, shop.trained(row))
    checkpoint.unlink(missing_ok=True)
    return {**row.facts, "data": found.form, "recipe": asdict(recipe), "parameters": parameters, "macs": macs,
            "accuracy_before": None if recipe.scratch else round(before, 2),
            "accuracy_after": round(accuracy(module, found.test, pixels), 2),
            "last_loss": round(trainer.losses[-1], 5), "seconds": round(time.monotonic() - start, 1),
            **VERSION}


def done(row: Row, shop: Workshop) -> bool:
    """Stored, and its network is here where other rows start from it."""
    return (RUNS / f"{row.name}.json").exists() and (row.kind != "original" or shop.trained(row).exists())


def claim(row: Row, shop: Workshop) -> bool:
    """False when another process that still runs is at this row."""
    lock = shop.folder / f"{row.name}.running"
    try:
        if lock.exists() and not Path(f"/proc/{lock.read_text()}").exists():
            lock.unlink()
        with lock.open("x") as file:
            file.write(str(os.getpid()))
    except (FileExistsError, FileNotFoundError):
        return False
    return True


def run(args: argparse.Namespace) -> None:
    torch.set_num_threads(args.threads)
    shop, end = Workshop(args.bin.resolve(), args.work), time.monotonic() + 60 * args.minutes
    RUNS.mkdir(exist_ok=True)
    paths = {"mnist": args.mnist, "cifar10": args.cifar10}
    read: dict[str, data.Data] = {}
    for row in rows.ROWS:
        wanted = paths[rows.DATA[row.network]]
        if not wanted or args.network not in (None, row.network) or done(row, shop):
            continue
        if row.parent and not shop.trained(row.parent).exists():
            continue  # another process is at it
        if time.monotonic() > end or not claim(row, shop):
            continue
        if row.network not in read:
            read[row.network] = data.read(wanted, build_shape(row.network))
        try:
            result = train(row, shop, read[row.network], args.quiet)
            write_whole(RUNS / f"{row.name}.json", (json.dumps(result, indent=1) + "\n").encode())
            print(f"{row.name}: {result['accuracy_before']} -> {result['accuracy_after']} %, "
                  f"{result['seconds']} s", flush=True)
        except Problem as problem:
            print(f"{row.name}: not run: {problem}", file=sys.stderr, flush=True)
        finally:
            (shop.folder / f"{row.name}.running").unlink(missing_ok=True)


def build_shape(network: str) -> tuple[int, int, int]:
    entry = build.NETWORKS[network]
    return entry.channels, entry.image, entry.image


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("run", help="the runs that are missing")
    one.add_argument("--mnist", type=Path)
    one.add_argument("--cifar10", type=Path)
    one.add_argument("--network", choices=rows.NETWORKS)
    one.add_argument("--minutes", type=float, default=float("inf"), help="begin no run after this")
    one.add_argument("--threads", type=int, default=1)
    one.add_argument("--quiet", action="store_true", help="one line a run")
    one.add_argument("--bin", type=Path, default=ROOT / "build/dev/bin", help="folder of the tools")
    one.add_argument("--work", type=Path, default=ROOT / "build/accuracy", help="for networks and checkpoints")
    one.set_defaults(run=run)
    two = commands.add_parser("table", help="write docs/accuracy.md from the stored runs")
    two.set_defaults(run=lambda _: accuracy_table.write(RUNS, ROOT / "docs"))
    args = parser.parse_args()
    try:
        args.run(args)
    except Problem as problem:
        sys.exit(f"accuracy: {problem}")


if __name__ == "__main__":
    main()
