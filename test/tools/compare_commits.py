#!/usr/bin/env python3
"""Do two builds of the compiler make bundles that answer alike, bit for bit?

    test/tools/compare_commits.py BASE/build/dev/bin NEW/build/dev/bin [--only=lenet] [--jobs=2]

Each build imports, splits, compiles and runs every test model by its own tools: the files
in models/ and test/models/exported/, and every network of test/models, narrow; whole and
split; for this machine, for pynq-gemm and, where a lcp-run for aarch64 is at hand
(--aarch64, run by qemu), for rpi4. What the first build refuses the second must refuse.

One line a model and target; the last line sums up, and the status is 0 only when every
answer is the same. With --latency, bundles for this machine are also timed, the two
builds' in turn.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from math import exp, log
from pathlib import Path

import numpy as np
import onnx

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "test/models"))
import build  # noqa: E402

# The values of --lcp-split; every target gets the first three forms, this machine all.
FORMS = (None, "2", "4", "factor=4 assign=affinity merge=auto", "factor=4 fatten=20 merge=sum-logits",
         "factor=2 keep-every=2", "factor=4 keep-first=1 join=shuffle", "factor=3 round=floor")
EVERY_TARGET = FORMS[:3]
AARCH64_RUN = ROOT / "build/runtime-aarch64/bin/lcp-run"
QEMU = ("qemu-aarch64", "-L", "/usr/aarch64-linux-gnu")


@dataclass
class Result:
    """Of one model, form and target."""
    name: str
    problem: str = ""
    refused: bool = False
    seconds: tuple[float, float] = (0, 0)
    latency: tuple[float, float] | None = None


@dataclass
class Build:
    """One build's tools, and the folder for what they make of one model."""
    tools: Path
    folder: Path
    seconds: float = 0
    refusal: str = ""

    def tool(self, name: str, *arguments: str | Path, prefix: Sequence[str] = ()) -> str | None:
        """What it prints, or nothing where it refuses; then `refusal` says why."""
        start = time.monotonic()
        done = subprocess.run([*prefix, str(name if "/" in name else self.tools / name), *map(str, arguments)],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace")
        self.seconds += time.monotonic() - start
        if done.returncode == 0:
            return done.stdout
        if done.returncode not in (1, 2):
            raise RuntimeError(f"{name} ended with {done.returncode}: {done.stderr[-500:]}")
        self.refusal = f"{name}: {done.stderr.strip()[-300:]}"
        return None

    def divide(self, model: Path, form: str | None) -> Path | None:
        module = self.folder / "whole.mlirbc"
        if not module.exists() and self.tool("lcp-translate", "--import-onnx", model, "-o", module) is None:
            return None
        if form is None:
            return module
        divided = self.folder / "divided.mlirbc"
        if self.tool("lcp-opt", f"--lcp-split={form}", module, "-o", divided) is None:
            return None
        return divided

    def compile(self, module: Path, target: str) -> Path | None:
        bundle = self.folder / f"{target}.fb"
        head = () if target == "host" else (f"--head-target={target}",)
        if self.tool("lcp-compile", f"--target={target}", *head, module, "-o", bundle) is None:
            return None
        return bundle

    def answers(self, bundle: Path, images: Path, runner: Path | None) -> list[bytes] | None:
        outputs = [self.folder / f"out{i}.npy" for i in range(count_outputs(self, bundle))]
        run, prefix = (str(runner), QEMU) if runner else ("lcp-run", ())
        if self.tool(run, bundle, f"--input={images}", *(f"--output={o}" for o in outputs), "--threads=1",
                     prefix=prefix) is None:
            return None
        return [output.read_bytes() for output in outputs]


def count_outputs(one: Build, bundle: Path) -> int:
    text = one.tool("lcp-dump", "--json", bundle)
    if text is None:
        raise RuntimeError(one.refusal)
    return len(json.loads(text)["outputs"])


def models() -> Iterator[tuple[str, Path | None]]:
    """Names, and the files of those that need not be made."""
    for path in sorted([*(ROOT / "models").glob("*.onnx"), *(ROOT / "test/models/exported").glob("*.onnx")]):
        yield path.stem, path
    for name in build.NETWORKS:
        yield name, None


def draw_images(model: Path, path: Path) -> None:
    """Two seeded inputs for a model of one."""
    value = onnx.load(str(model), load_external_data=False).graph.input[0].type.tensor_type
    shape = [d.dim_value or 1 for d in value.shape.dim]
    images = np.random.default_rng(1).normal(size=[2 * shape[0], *shape[1:]])
    np.save(path, images.astype(np.float32))


def time_in_turn(base: Build, new: Build, target: str) -> tuple[float, float]:
    """Milliseconds of the faster of three runs each."""
    best = [float("inf"), float("inf")]
    for _ in range(3):
        for i, one in enumerate((base, new)):
            text = one.tool("lcp-run", one.folder / f"{target}.fb", "--benchmark", "--json", "--threads=1",
                            "--min-time=0.3")
            if text is None:
                raise RuntimeError(one.refusal)
            best[i] = min(best[i], json.loads(text)["benchmark"]["median_ms"])
    return best[0], best[1]


def compare_on(target: str, modules: tuple[Path, Path], pair: tuple[Build, Build], images: Path,
               runner: Path | None, result: Result) -> None:
    bundles = [one.compile(module, target) for one, module in zip(pair, modules, strict=True)]
    result.seconds = pair[0].seconds, pair[1].seconds
    if None in bundles:
        judge_refusal(bundles, pair, result)
        return
    answers = [one.answers(bundle, images, runner) for one, bundle in zip(pair, bundles, strict=True)]
    if None in answers:
        judge_refusal(answers, pair, result)
    elif answers[0] != answers[1]:
        result.problem = "the answers differ"


def judge_refusal(made: Sequence[object], pair: tuple[Build, Build], result: Result) -> None:
    result.refused = made[0] is None and made[1] is None
    if not result.refused:
        one = pair[0] if made[0] is None else pair[1]
        result.problem = f"only the {'first' if made[0] is None else 'second'} build refuses: {one.refusal}"


@dataclass
class Comparison:
    base: Path
    new: Path
    targets: list[str]
    aarch64: Path | None
    latency: bool
    forms: list[str | None] = field(default_factory=lambda: list(FORMS))

    def of_model(self, name: str, path: Path | None) -> list[Result]:
        results = []
        with tempfile.TemporaryDirectory(prefix="lcp-compare-") as folder:
            if path is None:
                path = Path(folder) / f"{name}.onnx"
                build.make_narrow(name, path)
            images = Path(folder) / "images.npy"
            draw_images(path, images)
            pair = Build(self.base, Path(folder) / "base"), Build(self.new, Path(folder) / "new")
            for one in pair:
                one.folder.mkdir()
            for form in self.forms:
                results += self.of_form(f"{name} {form or 'whole'}", path, form, pair, images)
        return results

    def of_form(self, name: str, model: Path, form: str | None, pair: tuple[Build, Build],
                images: Path) -> Iterator[Result]:
        for one in pair:
            one.seconds = 0
        modules = pair[0].divide(model, form), pair[1].divide(model, form)
        if None in modules:
            result = Result(name)
            judge_refusal(modules, pair, result)
            yield result
            return
        for target in self.targets if form in EVERY_TARGET else self.targets[:1]:
            result = Result(f"{name} {target}")
            try:
                compare_on(target, modules, pair, images, self.aarch64 if target == "rpi4" else None, result)
                if self.latency and target == "host" and not result.problem and not result.refused:
                    result.latency = time_in_turn(*pair, target)
            except RuntimeError as problem:
                result.problem = str(problem)
            yield result
            for one in pair:
                one.seconds = 0


def describe(result: Result) -> str:
    if result.problem:
        return f"{result.name}: DIFFERENT: {result.problem}"
    if result.refused:
        return f"{result.name}: both refuse"
    times = "{:.2f} s and {:.2f} s to compile".format(*result.seconds)
    if result.latency:
        times += ", {:.3f} ms and {:.3f} ms to run".format(*result.latency)
    return f"{result.name}: same ({times})"


def ratio(pairs: list[tuple[float, float]]) -> float:
    """Geometric mean of second over first."""
    return exp(sum(log(new / base) for base, new in pairs) / len(pairs))


def sum_up(results: list[Result]) -> str:
    same = [r for r in results if not r.problem and not r.refused]
    text = f"{len(same)} same, {sum(bool(r.problem) for r in results)} different, " \
           f"{sum(r.refused for r in results)} refused by both"
    if same:
        base, new = (sum(r.seconds[i] for r in same) for i in (0, 1))
        text += f"; to compile: {base:.1f} s and {new:.1f} s (ratio {new / base:.3f})"
    if timed := [r.latency for r in same if r.latency]:
        text += f"; to run: geometric mean of ratios {ratio(timed):.3f}, worst {max(n / b for b, n in timed):.3f}"
    return text


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("base", type=Path, help="the bin folder of one build")
    parser.add_argument("new", type=Path, help="and of the other")
    parser.add_argument("--only", default="", help="only models whose name contains this")
    parser.add_argument("--quick", action="store_true", help="only the whole models and --lcp-split=4")
    parser.add_argument("--latency", action="store_true", help="time bundles for this machine as well")
    parser.add_argument("--jobs", type=int, default=1, help="models at once; with --latency leave it at 1")
    parser.add_argument("--aarch64", type=Path, default=AARCH64_RUN, help="an lcp-run for aarch64")
    args = parser.parse_args()
    for folder in (args.base, args.new):
        if not os.access(folder / "lcp-compile", os.X_OK):
            parser.error(f"{folder} has no lcp-compile")
    aarch64 = args.aarch64.resolve() if args.aarch64.exists() else None
    comparison = Comparison(args.base.resolve(), args.new.resolve(),
                            ["host", "pynq-gemm"] + (["rpi4"] if aarch64 else []), aarch64, args.latency)
    if args.quick:
        comparison.forms = [None, "4"]
    chosen = [(name, path) for name, path in models() if args.only in name]
    results: list[Result] = []
    with ThreadPoolExecutor(args.jobs) as pool:
        for some in pool.map(lambda model: comparison.of_model(*model), chosen):
            print("\n".join(map(describe, some)), flush=True)
            results += some
    print(sum_up(results))
    return 0 if results and not any(r.problem for r in results) else 1


if __name__ == "__main__":
    sys.exit(main())
