"""Engines timed in turn: a worker process each, of which one at a time runs. The others are
stopped meanwhile, or their threads, which wait for work by spinning, would take its CPUs."""

import math
import os
import select
import signal
import statistics
import subprocess
import time
from collections.abc import Iterable
from pathlib import Path

from toolbox import Problem

TURN_SECONDS = 0.1  # of measured inferences of one engine in one round, at least one
FIRST_SECONDS = 180  # for loading and the first answer
# An engine that has used up these seconds is left out of further rounds, after three.
BUDGET_SECONDS = 10
LEAST_ROUNDS = 3


def on_cpus(cpus: set[int]) -> list[str]:
    """What a command begins with to run on these alone."""
    return ["taskset", "--cpu-list", ",".join(map(str, sorted(cpus)))]


class Worker:
    """A process that has answered once, and does inferences when told to."""

    def __init__(self, command: list[str | Path], cpus: set[int], log: Path) -> None:
        self.name = Path(log).stem
        self.log = log.open("w+")
        environment = {**os.environ, "OMP_NUM_THREADS": str(len(cpus)), "TVM_NUM_THREADS": str(len(cpus))}
        # Whoever is stopped when this process dies would be so for ever.
        command = ["setpriv", "--pdeathsig", "KILL", *on_cpus(cpus), *command]
        self.process = subprocess.Popen([str(c) for c in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=self.log, env=environment)
        self.rounds: list[list[float]] = []
        self.used = 0.0
        try:
            ready = self.line(FIRST_SECONDS).split()
            if ready[:1] != ["ready"]:
                raise Problem(f"it began with {' '.join(ready)[:100]!r}")
            self.load_seconds = float(ready[1]) if len(ready) > 1 else 0.0
            self.loading_bytes = self.peak_bytes()
            Path(f"/proc/{self.process.pid}/clear_refs").write_text("5")  # begin the peak anew
            self.estimate = self.ask(1)[0]
            self.inference_bytes = self.peak_bytes()
            self.process.send_signal(signal.SIGSTOP)
        except Problem:
            self.end()
            raise

    def line(self, seconds: float) -> str:
        if not select.select([self.process.stdout], [], [], seconds)[0]:
            raise Problem(f"no answer within {seconds:.0f} s")
        line = self.process.stdout.readline().decode()
        if not line:
            self.process.wait()
            self.log.seek(0)
            said = self.log.read().strip().splitlines()
            raise Problem(said[-1][:300] if said else f"it ended with {self.process.returncode}")
        return line

    def peak_bytes(self) -> int:
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return 1024 * int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:")))

    def cpu_seconds(self) -> float:
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def ask(self, count: int) -> list[float]:
        """Milliseconds of so many inferences."""
        self.process.stdin.write(f"{count}\n".encode())
        self.process.stdin.flush()
        return [int(ns) * 1e-6 for ns in self.line(FIRST_SECONDS * count).split()]

    def take_turn(self) -> None:
        """The first inference finds the caches full of another engine's data, and counts only
        where it is long enough not to mind."""
        is_long = self.estimate > 1e3 * TURN_SECONDS
        count = 1 if is_long else 1 + math.ceil(1e3 * TURN_SECONDS / self.estimate)
        self.process.send_signal(signal.SIGCONT)
        times = self.ask(count)
        self.process.send_signal(signal.SIGSTOP)
        self.rounds.append(times if is_long else times[1:])
        self.estimate = statistics.median(self.rounds[-1])
        self.used += sum(times) / 1e3

    @property
    def is_done(self) -> bool:
        return len(self.rounds) >= LEAST_ROUNDS and self.used > BUDGET_SECONDS

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()
        self.log.close()


def busy_seconds() -> float:
    """Of all CPUs together, since the machine began."""
    user, nice, system = map(int, Path("/proc/stat").read_text().split()[1:4])
    return (user + nice + system) / os.sysconf("SC_CLK_TCK")


def share_of_others(workers: list[Worker], rounds: int) -> float:
    """Does the rounds, and tells what other processes took of the machine meanwhile, of 1."""
    begin, busy, own = time.monotonic(), busy_seconds(), sum(worker.cpu_seconds() for worker in workers)
    interleave(workers, rounds)
    others = busy_seconds() - busy - (sum(worker.cpu_seconds() for worker in workers) - own)
    return max(0.0, others / (os.cpu_count() * (time.monotonic() - begin)))


def interleave(workers: list[Worker], rounds: int) -> None:
    """Each round in another order, so that none always comes after the same one."""
    for i in range(rounds):
        for worker in workers[i % len(workers):] + workers[:i % len(workers)]:
            if not worker.is_done:
                worker.take_turn()


def quantile(samples: Iterable[float], fraction: float) -> float:
    """The smallest sample that at least that fraction of all do not exceed."""
    ordered = sorted(samples)
    return ordered[max(1, math.ceil(fraction * len(ordered))) - 1]


def summary(rounds: list[list[float]]) -> dict:
    """What is stored of an engine's times, milliseconds."""
    samples = [ms for times in rounds for ms in times]
    return {"runs": len(samples), "min": round(min(samples), 4), "median": round(statistics.median(samples), 4),
            "p99": round(quantile(samples, 0.99), 4),
            "rounds": [round(statistics.median(times), 4) for times in rounds]}


def ratio(ours: list[float], theirs: list[float]) -> float:
    """How many times as long theirs takes: the median over the rounds that both were in."""
    return statistics.median(b / a for a, b in zip(ours, theirs))
