#!/usr/bin/env python3
"""Runs every test and counts them; the last line is `N passed, N failed`.

Called by `./bootstrap test`, which has built preset dev. Suites that need
another build (asan, aarch64) make it here. A run in which nothing passed fails.
"""

import argparse
import os
import re
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOGS = ROOT / "build" / "log"
FUZZ_SECONDS = 30
LIT = Path("/usr/lib/llvm-19/build/utils/lit/lit.py")


@dataclass
class Outcome:
    passed: int = 0
    failures: list[str] = field(default_factory=list)
    note: str = ""


def run(name: str, command: list[str | Path], timeout: float = 900, **env: str) -> tuple[int, str]:
    """Runs a command with its output in build/log/NAME.log; (status, output)."""
    LOGS.mkdir(parents=True, exist_ok=True)
    log = LOGS / f"{name}.log"
    with log.open("w") as out:
        try:
            status = subprocess.run([str(c) for c in command], cwd=ROOT, stdin=subprocess.DEVNULL,
                                    stdout=out, stderr=subprocess.STDOUT, timeout=timeout,
                                    env={**os.environ, **env}).returncode
        except subprocess.TimeoutExpired:
            out.write(f"\nended after {timeout:.0f} s\n")
            status = 124
    return status, log.read_text(errors="replace")


def read_junit(path: Path) -> Outcome:
    """What a JUnit file says; skipped tests count neither way."""
    outcome = Outcome()
    for case in ElementTree.parse(path).getroot().iter("testcase"):
        name = ".".join(filter(None, [case.get("classname"), case.get("name")]))
        if case.find("failure") is not None or case.find("error") is not None \
                or case.get("status") == "fail":
            outcome.failures.append(name)
        elif case.find("skipped") is None and case.get("status") not in ("notrun", "disabled"):
            outcome.passed += 1
    return outcome


def ctest(preset: str) -> Outcome:
    """ctest, with every GoogleTest program counted by its cases."""
    results = LOGS / f"gtest-{preset}"
    results.mkdir(parents=True, exist_ok=True)
    for old in results.glob("*.xml"):
        old.unlink()
    junit = LOGS / f"ctest-{preset}.xml"
    junit.unlink(missing_ok=True)
    status, _ = run(f"ctest-{preset}",
                    ["ctest", "--test-dir", f"build/{preset}", "-j2", "--output-on-failure",
                     "--timeout", "600", "--output-junit", junit],
                    GTEST_OUTPUT=f"xml:{results}/")
    if not junit.exists():
        return Outcome(failures=[f"ctest ended with status {status}"])
    total = read_junit(junit)
    for program in results.glob("*.xml"):
        cases = read_junit(program)
        failed = program.stem in total.failures or f"{program.stem}.{program.stem}" in total.failures
        if failed and not cases.failures:
            continue  # it crashed after its last case: ctest's one failure stands
        if failed:
            total.failures = [f for f in total.failures if f.split(".")[-1] != program.stem]
        else:
            total.passed -= 1
        total.passed += cases.passed
        total.failures += cases.failures
    return total


def unit(_: argparse.Namespace) -> Outcome:
    return ctest("dev")


def run_lit(preset: str, args: argparse.Namespace, **env: str) -> Outcome:
    suites = sorted(p.parent for p in (ROOT / "build" / preset).glob("**/lit.site.cfg.py"))
    junit = LOGS / f"lit-{preset}.xml"
    junit.unlink(missing_ok=True)
    status, _ = run(f"lit-{preset}", [sys.executable, LIT, "-v", f"-j{args.jobs}",
                                      f"--xunit-xml-output={junit}", *suites], **env)
    if not junit.exists():
        return Outcome(failures=[f"lit ended with status {status}"])
    return read_junit(junit)


def lit(args: argparse.Namespace) -> Outcome:
    return run_lit("dev", args)


def python_tests(name: str, folder: str, args: argparse.Namespace, *modules: str, python: str = sys.executable,
                 **env: str) -> Outcome:
    """unittest on the modules of a folder, or on all of them."""
    what = modules or ("discover", "-s", str(ROOT / folder), "-t", str(ROOT / folder))
    status, text = run(name, [python, "-m", "unittest", *what, "-v"], timeout=7200 if args.full else 1800,
                       PYTHONPATH=str(ROOT / folder), LCP_BIN=str(ROOT / "build/dev/bin"),
                       LCP_FULL="1" if args.full else "", **env)
    ran = re.search(r"^Ran (\d+) test", text, re.M)
    failures = re.findall(r"^(?:FAIL|ERROR): (\S+ \(\S+\))", text, re.M)
    failures = list(dict.fromkeys(failures))
    if not ran or (status != 0 and not failures):
        return Outcome(failures=failures or [f"unittest ended with status {status}"])
    skipped = re.search(r"skipped=(\d+)", text)
    note = f"{skipped[1]} skipped" if skipped else ""
    return Outcome(max(0, int(ran[1]) - int(skipped[1] if skipped else 0) - len(failures)), failures, note)


def build(preset: str, args: argparse.Namespace, *targets: str) -> str:
    """Configures and builds a preset; what went wrong, or nothing."""
    if not (ROOT / "build" / preset / "build.ninja").exists():
        status, _ = run(f"configure-{preset}", ["cmake", "--preset", preset])
        if status:
            return f"cmake --preset {preset} failed (build/log/configure-{preset}.log)"
    status, _ = run(f"build-{preset}", ["ninja", "-C", f"build/{preset}", f"-j{args.jobs}", *targets],
                    timeout=2400)
    return f"preset {preset} did not build (build/log/build-{preset}.log)" if status else ""


def fuzz_one(program: Path, seconds: int) -> str:
    corpus = ROOT / "build" / "corpus" / program.name
    corpus.mkdir(parents=True, exist_ok=True)
    seeds = ROOT / "test" / "fuzz" / "corpus" / program.name
    command = [program, f"-max_total_time={seconds}", "-timeout=10", "-rss_limit_mb=2048",
               "-print_final_stats=1", f"-artifact_prefix={LOGS}/{program.name}-", corpus]
    status, _ = run(f"fuzz-{program.name}", command + ([seeds] if seeds.exists() else []),
                    timeout=seconds + 120)
    return f"{program.name} (build/log/fuzz-{program.name}.log)" if status else ""


def fuzz(args: argparse.Namespace) -> Outcome:
    programs = sorted(p for p in (ROOT / "build/asan/fuzz").glob("*") if os.access(p, os.X_OK) and p.is_file())
    seconds = FUZZ_SECONDS * (20 if args.full else 1)
    with ThreadPoolExecutor(max(1, args.jobs)) as pool:
        findings = [f for f in pool.map(lambda p: fuzz_one(p, seconds), programs) if f]
    return Outcome(len(programs) - len(findings), findings, f"{seconds} s each")


def runtime(args: argparse.Namespace) -> Outcome:
    """The runtime alone, without LLVM: by gcc with its tests, and for aarch64."""
    problems = [p for p in (build("runtime-only", args), build("runtime-aarch64", args)) if p]
    return Outcome(failures=problems) if problems else ctest("runtime-only")


def asan(args: argparse.Namespace) -> Outcome:
    """Unit tests of the sanitized build, and what its lcp-run and ONNX reader refuse."""
    if problem := build("asan", args):
        return Outcome(failures=[problem])
    units = ctest("asan")
    tools = python_tests("asan-tools", "test/e2e", args, "test_errors", "test_cluster", "test_workers",
                         LCP_RUN=str(ROOT / "build/asan/bin/lcp-run"),
                         LCP_READER=str(ROOT / "build/asan/bin/lcp-onnx-check"),
                         ASAN_OPTIONS="exitcode=99", UBSAN_OPTIONS="exitcode=99")  # no refusal's status
    return Outcome(units.passed + tools.passed, units.failures + tools.failures, tools.note)


def ubsan(args: argparse.Namespace) -> Outcome:
    """The lit tests by tools whose own code, the compiler's too, is checked for undefined behaviour."""
    problem = build("ubsan", args, "lit-tools")
    return Outcome(failures=[problem]) if problem else run_lit("ubsan", args)


def tidy(args: argparse.Namespace) -> Outcome:
    """clang-tidy over the newest of what changed; with --full, over every source."""
    _, text = run("tidy", [sys.executable, "test/tidy/run.py", f"--jobs={args.jobs}", *(["--all"] if args.full else [])],
                  timeout=7200 if args.full else 900)
    counts = re.search(r"^(\d+) clean, \d+ with findings$", text, re.M)
    if not counts:
        return Outcome(failures=["run.py did not end (build/log/tidy.log)"])
    return Outcome(int(counts[1]), re.findall(r"^FOUND (.*)$", text, re.M))


def conformance(args: argparse.Namespace) -> Outcome:
    """ONNX's own tests, in the reference interpreter and on the targets of this machine."""
    targets = ["reference", "host", "pynq-gemm"]
    status, text = run("conformance", [sys.executable, "test/conformance/run.py", f"--jobs={args.jobs}",
                                       *(f"--target={t}" for t in targets)],
                       LCP_BIN=str(ROOT / "build/dev/bin"))
    counts = re.findall(r"^([\w-]+): (\d+) passed .*, (\d+) refused, (\d+) failed$", text, re.M)
    failures = re.findall(r"^  FAILED (.*)$", text, re.M)
    if not counts or (status != 0 and not failures):
        failures.append(f"run.py ended with status {status} (build/log/conformance.log)")
    return Outcome(sum(int(c[1]) for c in counts), failures, "; ".join(f"{c[0]}: {c[2]} refused" for c in counts))


def structure(args: argparse.Namespace) -> Outcome:
    return python_tests("structure", "test/structure", args)


def e2e(args: argparse.Namespace) -> Outcome:
    """With the runtime for aarch64, which the tests run under qemu."""
    problem = build("runtime-aarch64", args)
    outcome = python_tests("e2e", "test/e2e", args)
    return Outcome(outcome.passed, outcome.failures + ([problem] if problem else []), outcome.note)


def testbed(args: argparse.Namespace) -> Outcome:
    """As root; elsewhere the tests are skipped, with the reason in the log."""
    return python_tests("testbed", "test/testbed", args)


def train(args: argparse.Namespace) -> Outcome:
    """By Debian's Python, which has PyTorch."""
    return python_tests("train", "test/train", args, python="/usr/bin/python3")


SUITES: dict[str, Callable[[argparse.Namespace], Outcome]] = {
    "structure": structure,
    "unit": unit,
    "runtime": runtime,
    "lit": lit,
    "conformance": conformance,
    "e2e": e2e,
    "testbed": testbed,
    "train": train,
    "asan": asan,
    "ubsan": ubsan,
    "tidy": tidy,
    "fuzz": fuzz,
}
# With --full, or by name: it builds the compiler a second time.
SLOW = ("ubsan",)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", action="store_true", help="also the slow tests")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--only", help="one suite of: " + ", ".join(SUITES))
    args = parser.parse_args()
    if args.only and args.only not in SUITES:
        parser.error(f"no suite '{args.only}'; one of: {', '.join(SUITES)}")
    passed, failed = 0, 0
    for name, suite in SUITES.items():
        if name == args.only or (args.only is None and (args.full or name not in SLOW)):
            start = time.monotonic()
            outcome = suite(args)
            for failure in outcome.failures:
                print(f"  FAILED {name}: {failure}")
            if outcome.failures:
                print(f"  what they said: {LOGS.relative_to(ROOT)}/")
            print(f"{name:12} {outcome.passed:5} passed {len(outcome.failures):4} failed "
                  f"{time.monotonic() - start:6.0f} s  {outcome.note}", flush=True)
            passed += outcome.passed
            failed += len(outcome.failures)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
