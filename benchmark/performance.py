#!/usr/bin/env python3
"""How fast are our kernels beside other engines on this machine? ./bootstrap bench runs it,
and it writes docs/performance.md.

    benchmark/performance.py run [--network=resnet18] [--form=branch4] [--threads=one] [--again]
    benchmark/performance.py table

Each finished row is a JSON file in benchmark/performance/; `run` measures those that are
missing, or with --again those that are there too, and can be stopped and started again.
"""

import argparse
import json
import os
import sys
import time
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "test/models")]

import build  # noqa: E402
import peers as peers_  # noqa: E402
import performance_rows as rows  # noqa: E402
import performance_table  # noqa: E402
import roofline  # noqa: E402
import rounds  # noqa: E402
from engines import engine  # noqa: E402
from peers import Peers  # noqa: E402
from performance_rows import PRECISIONS, Row  # noqa: E402
from rounds import Worker  # noqa: E402
from toolbox import Problem, git_name, last_line, tool  # noqa: E402

RUNS = ROOT / "benchmark" / "performance"
WORKER = ROOT / "benchmark/engines/worker.py"
SAMPLES = 8  # inputs that integer networks are calibrated on
PREPARE_SECONDS = 900
REFEREE = "onnxruntime-fp32"
# Of an answer to the referee's, relative to its largest magnitude. Those of integers only
# show that the network is the same: weights are random, nobody trained them for this.
TOLERANCE = {"fp32": 1e-3, "int8": 0.25}


class Shop:
    """Makes what the engines run, in a folder of its own; each once."""

    def __init__(self, bin: Path, folder: Path, peers: Peers) -> None:
        self.bin, self.folder, self.peers = bin, folder, peers
        folder.mkdir(parents=True, exist_ok=True)

    def build(self, network: str, path: Path) -> None:
        build.make(network, path)

    def whole(self, network: str) -> Path:
        path = self.folder / f"{network}.onnx"
        if not path.exists():
            unfinished = path.with_suffix(".new")
            self.build(network, unfinished)
            unfinished.rename(path)
        return path

    def model(self, row: Row) -> Path:
        """The ONNX file that all engines get: the network, or its first branch as lcp exports it."""
        if row.branches == 1:
            return self.whole(row.network)
        path, module = self.folder / f"{row.network}-{row.form}.onnx", self.folder / f"{row.network}.mlirbc"
        if not path.exists():
            branch = module.with_name(f"{row.network}-{row.form}.mlirbc")
            tool([self.bin / "lcp-translate", "--import-onnx", self.whole(row.network), "-o", module])
            tool([self.bin / "lcp-opt", "--lcp-simplify", f"--lcp-split={row.branches}", "--lcp-keep-branches=0",
                  module, "-o", branch])
            tool([self.bin / "lcp-translate", "--export-onnx", branch, "-o", path])
            module.unlink()
            branch.unlink()
        return path

    def inputs(self, row: Row) -> tuple[Path, Path]:
        """One to answer, and those to calibrate on."""
        one, several = self.folder / f"{row.network}-input.npy", self.folder / f"{row.network}-samples.npy"
        if not several.exists():
            import onnx
            of = onnx.load(str(self.whole(row.network)), load_external_data=False).graph.input[0]
            shape = [d.dim_value for d in of.type.tensor_type.shape.dim]
            random = np.random.default_rng(1)
            np.save(one, random.standard_normal(shape).astype(np.float32))
            np.save(several, random.standard_normal([SAMPLES, *shape[1:]]).astype(np.float32))
        return one, several

    def prepared(self, row: Row, name: str, precision: str) -> tuple[Path, dict]:
        """An engine's form of the network, and what making it took. Of ours it is a bundle
        with its report; it is made anew, for another commit may have other kernels."""
        folder = self.folder / f"{row.network}-{row.form}" / f"{name}-{precision}"
        done = folder / "prepared.json"
        if done.exists() and name != "lcp":
            return folder, json.loads(done.read_text())
        folder.mkdir(parents=True, exist_ok=True)
        try:
            found = {"seconds": self.compile(row, precision, folder) if name == "lcp"
                     else self.prepare(row, name, precision, folder)}
        except Problem as problem:
            found = {"problem": last_line(problem)}
        done.write_text(json.dumps(found))
        return folder, found

    def compile(self, row: Row, precision: str, folder: Path) -> float:
        flags = ["--int8", f"--calibrate={self.inputs(row)[1]}"] if precision == "int8" else []
        begin = time.perf_counter()
        tool([self.bin / "lcp-compile", "--target=host", *flags, self.model(row), "-o", folder / "model.fb",
              f"--report={folder / 'report.json'}"], PREPARE_SECONDS)
        return time.perf_counter() - begin

    def prepare(self, row: Row, name: str, precision: str, folder: Path) -> float:
        if name in self.peers.problems:
            raise Problem(self.peers.problems[name])
        if precision not in engine(name).PRECISIONS:
            raise Problem(f"its packages make no {precision} network")
        said = tool([self.peers.python, WORKER, "prepare", name, precision, self.model(row), folder,
                     self.inputs(row)[1]], PREPARE_SECONDS)
        return float(said.strip().splitlines()[-1])

    def command(self, row: Row, name: str, folder: Path, answer: Path, threads: int) -> list[str | Path]:
        given = self.inputs(row)[0]
        if name == "lcp":
            return [self.bin / "bench_worker", folder / "model.fb", given, answer, str(threads)]
        return [self.peers.python, WORKER, "run", name, folder, given, answer, str(threads)]


def cpus(row: Row) -> set[int]:
    usable = os.sched_getaffinity(0)
    return usable if row.threads == "all" else {max(usable)}


def machine_peak(shop: Shop, row: Row) -> roofline.Peak:
    found = json.loads(tool([*rounds.on_cpus(cpus(row)), shop.bin / "machine_peak", str(len(cpus(row)))]))
    return roofline.Peak(found["flops"], [tuple(pair) for pair in found["read"]])


def begin(row: Row, shop: Shop, stack: ExitStack) -> tuple[dict[str, Worker], dict[str, dict]]:
    """A worker of each engine that answered, and what there is to say of every engine so far."""
    workers, found = {}, {}
    for precision in PRECISIONS:
        for name in ("lcp", *shop.peers.names, *shop.peers.problems):
            key = f"{name}-{precision}"
            folder, made = shop.prepared(row, name, precision)
            found[key] = made
            if "problem" in made:
                continue
            try:
                worker = Worker(shop.command(row, name, folder, folder / "answer.npy", len(cpus(row))), cpus(row),
                                folder / "log")
            except Problem as problem:
                found[key] = {"problem": last_line(problem)}
                continue
            stack.callback(worker.end)
            workers[key] = worker
            found[key] = {"compile_seconds": round(made["seconds"] + worker.load_seconds, 3),
                          "memory": {"inference": worker.inference_bytes, "loading": worker.loading_bytes}}
    return workers, found


def referee(row: Row, shop: Shop, workers: dict[str, Worker], found: dict[str, dict]) -> None:
    """An engine that answers otherwise than ONNX Runtime is not timed."""
    def answer(key: str) -> np.ndarray:
        return np.load(shop.folder / f"{row.network}-{row.form}" / key / "answer.npy").astype(np.float64).reshape(-1)
    if REFEREE not in workers:
        raise Problem(f"ONNX Runtime did not answer: {found[REFEREE].get('problem', '')}")
    right = answer(REFEREE)
    for key in list(workers):
        own = answer(key)
        error = float(np.abs(own - right).max() / np.abs(right).max()) if own.shape == right.shape else float("inf")
        if error <= TOLERANCE[key.rsplit("-", 1)[1]]:
            found[key]["error"] = float(f"{error:.3g}")
        else:
            found[key] = {"problem": f"it answers otherwise than ONNX Runtime, by {error:.3g} of the largest magnitude"}
            workers.pop(key).end()


def python_bytes(row: Row, shop: Shop) -> int:
    """What a worker of a peer takes without its engine."""
    folder = shop.folder / f"{row.network}-{row.form}"
    worker = Worker(shop.command(row, "none", folder, folder / "none.npy", 1), cpus(row), folder / "none.log")
    worker.end()
    return worker.inference_bytes


def machine() -> dict:
    info = Path("/proc/cpuinfo").read_text()
    names = [line.split(":", 1)[1].strip() for line in info.splitlines() if line.lower().startswith("model name")]
    return {"cpu": names[0] if names else os.uname().machine, "cpus": len(os.sched_getaffinity(0)),
            "kernel": os.uname().release}


def version() -> dict[str, str]:
    return {"commit": git_name("HEAD"), "compiler": git_name("HEAD:lib"), "cpu_target": git_name("HEAD:targets/cpu")}


def measure(row: Row, shop: Shop, count: int) -> dict:
    """What is stored of a row."""
    with ExitStack() as stack:
        shop.model(row)
        workers, found = begin(row, shop, stack)
        referee(row, shop, workers, found)
        peaks = [machine_peak(shop, row)]
        others = rounds.share_of_others(list(workers.values()), count)
        peaks.append(machine_peak(shop, row))
    for key, worker in workers.items():
        found[key] |= rounds.summary(worker.rounds)
    peak = max(peaks, key=lambda p: p.flops)
    result = {**asdict(row), **version(), "machine": machine(), "cpus": len(cpus(row)),
              "versions": {name: shop.peers.versions(name) for name in shop.peers.names},
              "peak": {"flops": peak.flops, "read": peak.read}, "others": round(others, 3),
              "python_bytes": python_bytes(row, shop), "engines": found}
    if "lcp-fp32" in workers:
        report = json.loads((shop.folder / f"{row.network}-{row.form}/lcp-fp32/report.json").read_text())
        network = roofline.layers(report)
        result |= {"macs": sum(layer.macs for layer in network),
                   "percent_of_peak": round(roofline.percent_of_peak(network, peak, found["lcp-fp32"]["median"]), 1),
                   "roofline_ms": round(roofline.least_ms(network, peak), 4)}
    return result


def run(args: argparse.Namespace) -> None:
    shop = Shop(args.bin.resolve(), args.work, peers_.make())
    end = time.monotonic() + 60 * args.minutes
    RUNS.mkdir(exist_ok=True)
    for row in rows.ROWS:
        stored = RUNS / f"{row.name}.json"
        unasked = any(asked not in (None, own) for asked, own in (
            (args.network, row.network), (args.form, row.form), (args.threads, row.threads)))
        if unasked or (stored.exists() and not args.again):
            continue
        if time.monotonic() > end:
            break
        try:
            result = measure(row, shop, args.rounds)
            print(performance_table.progress(row, result), flush=True)
        except Problem as problem:
            result = {**asdict(row), **version(), "problem": last_line(problem)}
            print(f"{row.name}: {problem}", file=sys.stderr, flush=True)
        stored.write_text(json.dumps(result, indent=1) + "\n")


def bench(args: argparse.Namespace) -> None:
    run(args)
    print(performance_table.write(RUNS, ROOT / "docs"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, what, doing in (("run", "measure the rows that are missing", run),
                              ("bench", "the same, and then write and print the tables", bench)):
        one = commands.add_parser(name, help=what)
        one.add_argument("--network", choices=rows.NETWORKS)
        one.add_argument("--form", choices=rows.FORMS)
        one.add_argument("--threads", choices=rows.THREADS)
        one.add_argument("--again", action="store_true", help="also those that are there")
        one.add_argument("--rounds", type=int, default=20)
        one.add_argument("--minutes", type=float, default=float("inf"), help="begin no row after this")
        one.add_argument("--bin", type=Path, default=ROOT / "build/dev/bin", help="folder of the tools")
        one.add_argument("--work", type=Path, default=ROOT / "build/performance", help="for networks")
        one.set_defaults(run=doing)
    table = commands.add_parser("table", help="write docs/performance.md from the stored rows")
    table.set_defaults(run=lambda _: performance_table.write(RUNS, ROOT / "docs"))
    args = parser.parse_args()
    try:
        args.run(args)
    except Problem as problem:
        sys.exit(f"performance: {problem}")


if __name__ == "__main__":
    main()
