#!/usr/bin/env python3
"""Is a fleet of small devices sooner than one of them? Runs networks in every form on
emulated clusters (test/testbed) and writes docs/fleet.md. Needs root.

    benchmark/fleet.py run [--network=resnet18] [--cluster=rpi4-gigabit] [--minutes=60]
    benchmark/fleet.py table

Each finished run, and each that gave no answer, is a small JSON file in benchmark/fleet/;
`run` does those that are missing, in the order declared in fleet_rows.py, and can be stopped and started again.
The network between the devices is real (bytes, rates, latencies), and so are the
answers; the times of computing are modelled: each branch answers when its device would,
by the efficiency in its file.
"""

import argparse
import json
import subprocess
import sys
import time
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path

import numpy as np
import yaml

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "test"), str(ROOT / "test/models")]

import build  # noqa: E402
import fleet_rows as rows  # noqa: E402
import fleet_table  # noqa: E402
import photograph  # noqa: E402
from fleet_rows import CLUSTERS, FORMS, NETWORKS, Row  # noqa: E402
from testbed import Bed, Counters, Host, Link, certificates, missing  # noqa: E402
from toolbox import Problem, git_name, last_line, tool  # noqa: E402

RUNS = ROOT / "benchmark" / "fleet"
DEADLINE_MS = 120000
WARMUP, ITERATIONS = 1, 10
# What pixels become, as ImageNet's networks are trained; devices do it.
PREPROCESSING = "--image=mean=123.675,116.28,103.53,scale=0.017125,0.017507,0.017429"


class Workshop:
    """Makes bundles with the built tools, in a folder of its own; each once."""

    def __init__(self, bin: Path, folder: Path) -> None:
        self.bin, self.folder = bin, folder
        folder.mkdir(parents=True, exist_ok=True)

    def module(self, network: str) -> Path:
        path = self.folder / f"{network}.mlirbc"
        if not path.exists():
            model = self.folder / f"{network}.onnx"
            build.make(NETWORKS[network].model, model, NETWORKS[network].width)
            tool([self.bin / "lcp-translate", "--import-onnx", model, "-o", path])
            model.unlink()
        return path

    def half_of_joins(self, row: Row) -> int:
        found = tool([self.bin / "lcp-opt", f"--lcp-split=factor={row.branches} keep-every=1",
                      "--lcp-print-footprint=json", self.module(row.network), "-o", "/dev/null"])
        return json.loads(found)["round_trips"] // 2

    def photograph(self, side: int) -> Path:
        path = self.folder / f"photograph{side}.jpg"
        return path if path.exists() else photograph.make(path, side)

    def predict(self, divided: Path, side: int) -> dict[str, dict[str, int]]:
        """Of each kind of device, what the coordinator's cable will carry when that image goes as a file."""
        found = {}
        for device in {cluster.device for cluster in CLUSTERS.values()}:
            size = self.photograph(side).stat().st_size
            found[device] = json.loads(tool([
                self.bin / "lcp-opt", f"--lcp-print-footprint=device={device} input-bytes={size} json=true",
                divided, "-o", "/dev/null"]))["coordinator_wire"]
        return found

    def bundle(self, row: Row) -> tuple[Path, dict]:
        """The bundle of a row for this machine, and its report, with what `predict` says; one for
        all rows with the same flags."""
        form = next(name for name, form in FORMS.items() if form.flags == FORMS[row.form].flags)
        bundle = self.folder / f"{row.network}-{form}{row.size}.fb"
        report = bundle.with_suffix(".json")
        if not report.exists():
            flags = FORMS[row.form].flags
            half = self.half_of_joins(row) if any("{half}" in flag for flag in flags) else 0
            flags = [flag.format(n=row.branches, fat=row.fatten, half=half) for flag in flags]
            divided = bundle.with_suffix(".mlirbc")
            tool([self.bin / "lcp-opt", "--lcp-simplify", *flags, self.module(row.network), "-o", divided])
            tool([self.bin / "lcp-compile", "--target=host", PREPROCESSING, divided, "-o", bundle, f"--report={report}"])
            made = json.loads(report.read_text())
            made["coordinator_wire"] = self.predict(divided, made["inputs"][0]["shape"][-1])
            report.write_text(json.dumps(made))
            divided.unlink()
        return bundle, json.loads(report.read_text())


def device_file(name: str) -> dict:
    return yaml.safe_load((ROOT / f"targets/devices/{name}.yaml").read_text())


def paces(report: dict, device: dict) -> dict[str, float]:
    """Milliseconds of every branch on that device, as common/devices/ModelledTime.h has
    them. The report is of a model compiled for this machine: it counts, and names kinds."""
    rate = {kind: float(device["mac_per_s"]) * float(part) for kind, part in device["efficiency"].items()
            if kind != "source"}
    stages = [step for step in report["steps"] if "stage" in step]
    return {f"s{stage['stage']}.b{b}": 1e3 * sum(layer["macs"] / rate[layer["kind"]] for layer in branch["layers"])
            for stage in stages for b, branch in enumerate(stage["branches"])}


def of_device(report: dict, times: dict[str, float], device: int) -> dict[str, float]:
    """Those that a device computes; of device -1, the coordinator, the serial ones."""
    found = {}
    for step in report["steps"]:
        if "stage" not in step:
            continue
        for b in range(len(step["branches"])):
            runs_on = step["first_device"] + b if step["parallel"] else -1
            if runs_on == device:
                found[f"s{step['stage']}.b{b}"] = times[f"s{step['stage']}.b{b}"]
    return found


def pace_flag(times: dict[str, float]) -> list[str]:
    """Of branches that multiply; what others do is in the efficiency of those."""
    paced = [f"{name}={ms:.6f}" for name, ms in times.items() if ms]
    return ["--pace=" + ",".join(paced)] if paced else []


class Fleet:
    """One row's bundle on its bed, and what it is asked about."""

    def __init__(self, bed: Bed, shop: Workshop, bundle: Path, row: Row, report: dict, folder: Path) -> None:
        self.bed, self.bundle, self.run = bed, bundle, shop.bin / "lcp-run"
        self.image = shop.photograph(report["inputs"][0]["shape"][-1])
        run, times = self.run, paces(report, device_file(CLUSTERS[row.cluster].device))
        self.compute_ms = [sum(of_device(report, times, d).values()) for d in range(row.workers)]
        own = times if row.workers == 0 else of_device(report, times, -1)
        self.coordinator_ms = sum(own.values())
        self.command = [run, bundle, "--threads=1", *pace_flag(own)]
        self.workers: list[subprocess.Popen] = []
        if row.workers == 0:
            return
        tls = certificates.make(folder / "tls", bed)
        cluster = folder / "cluster.yaml"
        cluster.write_text("workers:\n" + "".join(
            f"  - address: {host.address}\n    branches: [{d}]\n" for d, host in enumerate(bed.devices)))
        self.command += [f"--cluster={cluster}", f"--tls={tls}", f"--deadline-ms={DEADLINE_MS}"]
        for d, host in enumerate(bed.devices):
            self.workers.append(host.start(run, f"--serve={host.inner_address}", bundle, f"--branch={d}", "--threads=1",
                                           f"--tls={tls}", *pace_flag(of_device(report, times, d)),
                                           stdout=subprocess.PIPE, stderr=subprocess.PIPE))
        for worker in self.workers:
            if not worker.stdout.readline().startswith("ready "):
                raise Problem(worker.stderr.read().strip())

    def ask(self, *flags: str) -> str:
        done = self.bed.coordinator.run(*self.command, *flags, timeout=1200)
        if done.returncode:
            raise Problem(done.stderr.strip())
        return done.stdout

    def answers_as_in_process(self, folder: Path) -> bool:
        here, there = folder / "here.npy", folder / "there.npy"
        tool([self.run, self.bundle, f"--input={self.image}", f"--output={here}"])
        self.ask(f"--input={self.image}", f"--output={there}")
        return bool(np.array_equal(np.load(here), np.load(there)))

    def used(self) -> tuple[Counters, float, float]:
        """Of the coordinator's wire; CPU seconds of the coordinator, and of all devices."""
        of: Host = self.bed.coordinator
        return of.counters(), of.cpu_seconds(), sum(host.cpu_seconds() for host in self.bed.devices)

    def benchmark(self, *flags: str) -> tuple[dict, Counters, float, float]:
        before = self.used()
        report = json.loads(self.ask(f"--input={self.image}", "--benchmark", "--json", *flags))
        return report, *(a - b for a, b in zip(self.used(), before))

    def measure(self, seconds: float) -> dict:
        """Connecting costs bytes and time too: what one inference takes with it is taken off."""
        _, first, first_own, first_all = self.benchmark("--warmup=0", "--iterations=1", "--min-time=0")
        report, wire, own, all_devices = self.benchmark(f"--warmup={WARMUP}", f"--iterations={ITERATIONS}",
                                                        f"--min-time={seconds}")
        found, more = report["benchmark"], WARMUP + report["benchmark"]["runs"] - 1
        each = wire - first
        return {"latency_ms": {key: round(found[f"{key}_ms"], 4) for key in ("mean", "median", "min", "p90", "p99", "max")},
                "runs": found["runs"],
                "wire_bytes": {"sent": round(each.sent_bytes / more), "received": round(each.received_bytes / more)},
                "cpu_ms": {"coordinator": round(max(0, 1e3 * (own - first_own) / more), 3),
                           "devices": round(max(0, 1e3 * (all_devices - first_all) / more), 3)},
                "missed": report.get("modelled", {}).get("missed", [])}

    def end(self) -> list[str]:
        """Stops the workers; what they say of paces that this machine was too slow for."""
        said = []
        for worker in self.workers:
            subprocess.run(["kill", str(worker.pid)], check=True)
            said += [line.removeprefix("lcp-run: warning: ") for line in worker.communicate(timeout=60)[1].splitlines()
                     if "took longer here" in line]
        return said


def version() -> dict[str, str]:
    """Git's names for the last commit, and for the contents of what runs, what compiles and
    what is known of devices: they outlive a rebase."""
    return {"commit": git_name("HEAD"), "runtime": git_name("HEAD:runtime"), "compiler": git_name("HEAD:lib"),
            "device_files": git_name("HEAD:targets/devices")}


def measure(row: Row, shop: Workshop, seconds: float) -> dict:
    """One run: what is stored of it."""
    bundle, report = shop.bundle(row)
    cluster = CLUSTERS[row.cluster]
    folder = shop.folder / f"run-{row.name}"
    folder.mkdir(exist_ok=True)
    with ExitStack() as stack:
        bed = stack.enter_context(Bed(row.workers, Link.of_device(cluster.device, cluster.link)))
        fleet = Fleet(bed, shop, bundle, row, report, folder)
        equal = fleet.answers_as_in_process(folder)
        found = fleet.measure(seconds)
        found["missed"] += fleet.end()
    if not equal:
        raise Problem("the cluster's answer is not the in-process one")
    return {**asdict(row), "devices": row.workers, **version(), **found,
            "input_bytes": fleet.image.stat().st_size,
            "predicted_wire_bytes": sum(report["coordinator_wire"][cluster.device].values()),
            "compute_ms": {"devices": [round(ms, 4) for ms in fleet.compute_ms],
                           "coordinator": round(fleet.coordinator_ms, 4)}}


def run(args: argparse.Namespace) -> None:
    shop, end = Workshop(args.bin.resolve(), args.work), time.monotonic() + 60 * args.minutes
    RUNS.mkdir(exist_ok=True)
    for row in rows.ROWS:
        stored = RUNS / f"{row.name}.json"
        if args.network not in (None, row.network) or args.cluster not in (None, row.cluster) or stored.exists():
            continue
        if time.monotonic() > end:
            break
        try:
            result = measure(row, shop, args.seconds)
        except Problem as problem:
            result = {**asdict(row), **version(), "problem": last_line(problem)}
            print(f"{row.name}: {problem}", file=sys.stderr, flush=True)
        else:
            print(f"{row.name}: {result['latency_ms']['median']:.1f} ms", flush=True)
        stored.write_text(json.dumps(result, indent=1) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("run", help="the runs that are missing")
    one.add_argument("--network", choices=NETWORKS)
    one.add_argument("--cluster", choices=CLUSTERS)
    one.add_argument("--minutes", type=float, default=float("inf"), help="begin no run after this")
    one.add_argument("--seconds", type=float, default=5, help="of measured inferences a run")
    one.add_argument("--bin", type=Path, default=ROOT / "build/dev/bin", help="folder of the tools")
    one.add_argument("--work", type=Path, default=ROOT / "build/fleet", help="for bundles")
    one.set_defaults(run=run)
    two = commands.add_parser("table", help="write docs/fleet.md from the stored runs")
    two.set_defaults(run=lambda _: fleet_table.write(RUNS, ROOT / "docs", device_file))
    args = parser.parse_args()
    if args.command == "run" and (reason := missing("wifi")):
        sys.exit(f"fleet: {reason}")
    args.run(args)


if __name__ == "__main__":
    main()
