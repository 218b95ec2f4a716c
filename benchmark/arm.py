#!/usr/bin/env python3
"""How many instructions and, by llvm-mca, cycles do our networks and ncnn's take on the
cores of Raspberry Pis? ./bootstrap bench-arm runs it, and it writes docs/arm.md.

    benchmark/arm.py run [--network=resnet18] [--device=rpi4] [--again]
    benchmark/arm.py table

Each finished row is a JSON file in benchmark/arm/; `run` does those that are missing, or
with --again those that are there too, and can be stopped and started again.
"""

import argparse
import json
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "test/models")]

import arm_blocks  # noqa: E402
import arm_table  # noqa: E402
import build  # noqa: E402
import peers  # noqa: E402
import roofline  # noqa: E402
from arm_table import CORES, NETWORKS  # noqa: E402
from toolbox import Problem, git_name, last_line, tool  # noqa: E402

RUNS = ROOT / "benchmark/arm"
PYTHON = ROOT / "build/python-arm64"
TOLERANCE = 1e-3  # of the two answers, relative to the largest magnitude


@dataclass
class Shop:
    """Makes what is counted, in a folder of its own; each once."""

    bin: Path
    runtime: Path
    folder: Path

    def network(self, name: str) -> Path:
        """A folder with the network as ONNX and as ncnn has it, and an input."""
        folder = self.folder / name
        if not (folder / "model.ncnn.bin").exists():
            folder.mkdir(parents=True, exist_ok=True)
            build.make(name, folder / "network.onnx")
            shape = (1, 3, 224, 224)
            np.save(folder / "input.npy", np.random.default_rng(1).standard_normal(shape).astype(np.float32))
            code = ("import sys; sys.path.insert(0, sys.argv[1]); from pathlib import Path; import numpy as np; "
                    "from engines.with_ncnn import prepare; f = Path(sys.argv[2]); "
                    "prepare(f / 'network.onnx', f, 'fp32', [np.load(f / 'input.npy')])")
            tool([peers.make().python, "-c", code, ROOT / "benchmark", folder])
        return folder

    def ours(self, network: str, device: str) -> tuple[list[str | Path], int]:
        """The command but for how often, and the multiply-accumulates of one inference."""
        folder = self.network(network)
        bundle, report = folder / f"{device}.fb", folder / f"{device}.json"
        tool([self.bin / "lcp-compile", f"--target={device}", folder / "network.onnx", "-o", bundle,
              f"--report={report}"])
        macs = sum(layer.macs for layer in roofline.layers(json.loads(report.read_text())))
        return [self.runtime / "lcp-run", bundle, f"--input={folder / 'input.npy'}",
                f"--output={folder / 'own.npy'}", "--threads=1", "--benchmark", "--warmup=0", "--min-time=0"], macs

    def ncnn(self, network: str) -> list[str | Path]:
        return ["-L", PYTHON, "-E", "OMP_NUM_THREADS=1", "-E", f"PYTHONHOME={PYTHON / 'usr'}",
                "-E", f"PYTHONPATH={PYTHON / 'site'}", PYTHON / "usr/bin/python3.11",
                ROOT / "benchmark/engines/ncnn_arm.py", self.network(network)]

    def count(self, core: str, once: list[str | Path], twice: list[str | Path]) -> dict[str, float]:
        """What the second inference ran: without loading, and what is done at the first."""
        plugin, out = arm_blocks.plugin(self.folder), self.folder / "blocks"
        first, both = (arm_blocks.count(plugin, core, command, out) for command in (once, twice))
        return {code: times for code, times in (both - first).items()}


def engine(blocks: dict[str, float], device: str) -> dict:
    total, cycles = arm_blocks.predict(blocks, CORES[device])
    return {"instructions": round(total), "cycles": {core: round(value) for core, value in cycles.items()}}


def measure(network: str, device: str, shop: Shop) -> dict:
    """What is stored of a row."""
    core = CORES[device][0]
    ours, macs = shop.ours(network, device)
    own = shop.count(core, [*ours, "--iterations=1"], [*ours, "--iterations=2"])
    ncnn = shop.ncnn(network)
    theirs = shop.count(core, [*ncnn, "1"], [*ncnn, "2"])
    a, b = (np.load(shop.network(network) / f"{name}.npy").reshape(-1) for name in ("own", "answer"))
    if np.abs(a - b).max() > TOLERANCE * np.abs(b).max():
        raise Problem("ncnn answers otherwise than we do")
    return {"network": network, "device": device, "macs": macs, "commit": git_name("HEAD"),
            "cpu_target": git_name("HEAD:targets/cpu"), "ncnn": tool([
                peers.make().python, "-c", "import importlib.metadata as m; print(m.version('ncnn'))"]).strip(),
            "engines": {"lcp": engine(own, device), "ncnn": engine(theirs, device)}}


def run(args: argparse.Namespace) -> None:
    shop = Shop(args.bin.resolve(), args.runtime.resolve(), args.work)
    shop.folder.mkdir(parents=True, exist_ok=True)
    RUNS.mkdir(exist_ok=True)
    for network in NETWORKS:
        for device in CORES:
            stored = RUNS / f"{network}-{device}.json"
            unasked = args.network not in (None, network) or args.device not in (None, device)
            if unasked or (stored.exists() and not args.again):
                continue
            try:
                result = measure(network, device, shop)
            except Problem as problem:
                print(f"{stored.stem}: {last_line(problem)}", file=sys.stderr, flush=True)
                continue
            stored.write_text(json.dumps(result, indent=1) + "\n")
            print(arm_table.line(result), flush=True)


def bench(args: argparse.Namespace) -> None:
    run(args)
    print(arm_table.write(RUNS, ROOT / "docs"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, what, doing in (("run", "count for the rows that are missing", run),
                              ("bench", "the same, and then write and print the table", bench)):
        one = commands.add_parser(name, help=what)
        one.add_argument("--network", choices=NETWORKS)
        one.add_argument("--device", choices=CORES)
        one.add_argument("--again", action="store_true", help="also the rows that are there")
        one.add_argument("--bin", type=Path, default=ROOT / "build/dev/bin")
        one.add_argument("--runtime", type=Path, default=ROOT / "build/runtime-aarch64/bin")
        one.add_argument("--work", type=Path, default=ROOT / "build/bench-arm")
        one.set_defaults(do=doing)
    commands.add_parser("table", help="write docs/arm.md").set_defaults(
        do=lambda args: print(arm_table.write(RUNS, ROOT / "docs")))
    args = parser.parse_args()
    try:
        args.do(args)
    except Problem as problem:
        sys.exit(str(problem))


if __name__ == "__main__":
    main()
