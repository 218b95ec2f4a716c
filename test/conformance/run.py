#!/usr/bin/env python3
"""Runs ONNX's own tests on the targets, and counts passed, refused and failed.

    test/conformance/run.py [--target=reference|host|...]... [--only=TEXT] [--list] [--report=FILE.json]

A case passes when every output is within docs/numerics.md's 1e-4 of the
expected one, relative to the tensor's largest magnitude. An integer target
computes another model, so there it passes when lcp-run --verify finds what the
reference computes for that one; how many do bit for bit is counted (layers that
run on the CPU beside it are float). A case is refused when the importer says of
each node it cannot take why; the reasons are counted. Anything else is a failure,
and so is a run in which too few cases pass."""

import argparse
import collections
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from cases import Case, all_cases

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(os.environ.get("LCP_BIN") or ROOT / "build/dev/bin")
TOLERANCE = 1e-4
LEAST_PASSED = 190  # of the cases of libonnx-testdata 1.12
INTEGER_TARGETS = {"pynq-gemm": 165}  # and the least that pass: golden outputs are for one input


@dataclass
class Result:
    case: Case
    outputs: list[np.ndarray] | None = None
    refusals: list[str] = field(default_factory=list)
    problem: str = ""
    golden: str = ""  # how the outputs compare with the compiler's: "close" or "exact"


def reason_of(line: str) -> str:
    """A refusal without the names that differ from model to model."""
    line = re.sub(r"^(\w+) node '[^']*'", r"\1", line)
    line = re.sub(r"(input|output|initialiser|constant|graph output) '[^']*'", r"\1", line)
    return re.sub(r"tensor<[^>]*>", "TENSOR", line)


def refusals(stderr: str) -> dict[str, list[str]]:
    """Errors by model: every refusal of the importer starts with its path."""
    found = collections.defaultdict(list)
    for line in stderr.splitlines():
        match = re.match(r"[\w-]+: error: (\S+\.onnx): (.*)", line)
        if match:
            found[match[1]].append(reason_of(match[2]))
    return found


def save_inputs(case: Case) -> list[Path]:
    paths = []
    for i, value in enumerate(case.inputs):
        paths.append(case.model.with_suffix(f".in{i}.npy"))
        np.save(paths[-1], np.asarray(value))
    return paths


def output_paths(case: Case, target: str) -> list[Path]:
    return [case.model.with_suffix(f".{target}{i}.npy") for i in range(len(case.expected))]


def load_outputs(result: Result, target: str) -> None:
    result.outputs = [np.load(p) for p in output_paths(result.case, target)]


def run_reference(cases: list[Case], folder: Path) -> list[Result]:
    """All models in one process: import, then the interpreter in doubles."""
    jobs = folder / "jobs.txt"
    with jobs.open("w") as lines:
        for case in cases:
            words = [str(case.model), *(f"--input={p}" for p in save_inputs(case)),
                     *(f"--output={p}" for p in output_paths(case, "reference"))]
            print(" ".join(words), file=lines)
    done = subprocess.run([BIN / "lcp-reference", f"--jobs={jobs}"], capture_output=True, text=True, errors="replace")
    answers, why = done.stdout.split(), refusals(done.stderr)
    results = [Result(case) for case in cases]
    for i, result in enumerate(results):
        result.refusals = why.get(str(result.case.model), [])
        if i >= len(answers):
            result.problem = f"lcp-reference ended with {done.returncode} before this case"
        elif answers[i] == "ok":
            load_outputs(result, "reference")
    return results


def run_compiled(target: str, case: Case) -> Result:
    result, bundle = Result(case), case.model.with_suffix(f".{target}.fb")
    golden = [f"--golden={p}" for p in save_inputs(case)] if target in INTEGER_TARGETS else []
    if len(golden) > 1:
        result.refusals = ["--golden is for models of one input"]
        return result
    compiled = subprocess.run([BIN / "lcp-compile", f"--target={target}", f"--head-target={target}", *golden,
                               case.model, "-o", bundle], capture_output=True, text=True, errors="replace")
    result.refusals = refusals(compiled.stderr).get(str(case.model), [])
    if compiled.returncode != 0:
        result.problem = "" if result.refusals else f"lcp-compile: {compiled.stderr.strip()[-300:]}"
        return result
    if golden:
        return verify(result, bundle)
    inputs = [f"--input={p}" for p in save_inputs(case)]
    outputs = [f"--output={p}" for p in output_paths(case, target)]
    ran = subprocess.run([BIN / "lcp-run", bundle, *inputs, *outputs], capture_output=True, text=True,
                         errors="replace")
    if ran.returncode != 0:
        result.problem = f"lcp-run: {ran.stderr.strip()[-300:]}"
    else:
        load_outputs(result, target)
    return result


def verify(result: Result, bundle: Path) -> Result:
    """Compares with the golden outputs in the bundle."""
    ran = subprocess.run([BIN / "lcp-run", bundle, "--verify"], capture_output=True, text=True, errors="replace")
    errors = re.findall(r"error (\S+), tolerance", ran.stdout)
    if ran.returncode == 0 and len(errors) == len(result.case.expected):
        result.golden = "exact" if set(errors) == {"0"} else "close"
    else:
        result.problem = f"lcp-run --verify: {(ran.stdout + ran.stderr).strip()[-300:]}"
    return result


def compare(result: Result) -> str:
    """Why the outputs are wrong, or nothing."""
    for i, (got, expected) in enumerate(zip(result.outputs, result.case.expected)):
        if got.shape != expected.shape:
            return f"output {i} has shape {got.shape}, not {expected.shape}"
        scale = np.abs(expected, dtype=np.float64).max(initial=0.0)
        error = np.abs(np.asarray(got, np.float64) - expected).max(initial=0.0)
        if not error <= TOLERANCE * max(scale, 1e-30):
            return f"output {i} is off by {error:.3g} of {scale:.3g}"
    return ""


def judge(target: str, results: list[Result], others: list[str], verbose: bool) -> dict[str, object]:
    passed, failed, reasons = [], {}, collections.Counter()
    for result in results:
        if result.outputs is not None or result.golden:
            wrong = "" if result.golden else compare(result)
            passed += [] if wrong else [result.case.name]
            failed |= {result.case.name: wrong} if wrong else {}
        elif result.refusals and not result.problem:
            reasons[result.refusals[0]] += 1
        else:
            failed[result.case.name] = result.problem or "refused without a reason"
        if verbose:
            print(result.case.name, "ran" if result.outputs is not None or result.golden else result.refusals or result.problem)
    reasons["its inputs or outputs are sequences or optional values"] += len(others)
    bound = sum(r.case.bound > 0 for r in results if r.outputs is not None or r.golden)
    exact = sum(r.golden == "exact" for r in results)
    print(f"{target}: {len(passed)} passed ({bound} with operands bound as initialisers"
          f"{f', {exact} bit for bit' if target in INTEGER_TARGETS else ''}), "
          f"{sum(reasons.values())} refused, {len(failed)} failed")
    for name, wrong in failed.items():
        print(f"  FAILED {name}: {wrong}")
    return {"target": target, "passed": passed, "failed": failed, "refused": dict(reasons.most_common())}


def print_reasons(reasons: dict[str, int]) -> None:
    unsupported = {r: n for r, n in reasons.items() if "the operator is not supported" in r}
    print(f"  refused {sum(unsupported.values())} for an operator that is not supported:",
          ", ".join(sorted({r.split(":")[0] for r in unsupported})))
    for reason, count in reasons.items():
        if reason not in unsupported:
            print(f"  refused {count}: {reason}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--target", action="append", help="reference, or a target of lcp-compile")
    parser.add_argument("--only", default="", help="cases whose name contains this")
    parser.add_argument("--list", action="store_true", help="print what became of each case")
    parser.add_argument("--report", type=Path, help="write all results as JSON")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    args = parser.parse_args()
    start, reports = time.monotonic(), []
    with tempfile.TemporaryDirectory(prefix="lcp-conformance-") as name, ThreadPoolExecutor(args.jobs) as pool:
        cases, others = all_cases(Path(name))
        cases = [c for c in cases if args.only in c.name]
        reference = run_reference(cases, Path(name))
        for target in args.target or ["reference"]:
            results = reference
            if target != "reference":  # What the importer refused, it refuses for every target.
                taken = [r.case for r in reference if r.outputs is not None]
                results = list(pool.map(lambda case: run_compiled(target, case), taken))
                results += [r for r in reference if r.outputs is None]
            reports.append(judge(target, results, others, args.list))
    print_reasons(reports[0]["refused"])
    print(f"{len(cases) + len(others)} cases in {time.monotonic() - start:.0f} s")
    if args.report:
        args.report.write_text(json.dumps(reports, indent=1))
    few = [r["target"] for r in reports
           if not args.only and len(r["passed"]) < INTEGER_TARGETS.get(r["target"], LEAST_PASSED)]
    if few:
        print(f"too few cases passed on {', '.join(few)}")
    return 1 if few or any(r["failed"] for r in reports) else 0


if __name__ == "__main__":
    sys.exit(main())
