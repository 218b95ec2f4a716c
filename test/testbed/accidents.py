"""What happens to the workers of a bed, by a seed: now and then one breaks, and a while
later it is mended."""

import heapq
import random
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from .bed import Host

# A device's disk, with room for so many bytes; it ends with the worker. What does not fit of
# the bundle is missing, as scp would leave it, and what does not fit of the log as well.
ON_SMALL_DISK = """mount -t tmpfs -o size="$1" none /mnt
cp "$2" /mnt/bundle.fb 2>/mnt/log
run=$3; shift 3
exec "$run" /mnt/bundle.fb "$@" 2>>/mnt/log"""
PAGE = 4096


class Worker:
    """A worker on a device. Whatever breaks it returns a function that mends it."""

    def __init__(self, host: Host, run: Path, bundle: Path, wrong_bundle: Path, log: Path, flags: list[str]) -> None:
        self.host, self.run, self.bundle, self.wrong_bundle, self.log, self.flags = \
            host, run, bundle, wrong_bundle, log, flags
        self.process: subprocess.Popen | None = None
        self.broken = False

    def start(self, bundle: Path | None = None, disk: int = 0) -> subprocess.Popen:
        """With the bundle on a disk of so many bytes, if that is not 0."""
        command = ["unshare", "--mount", "sh", "-c", ON_SMALL_DISK, "sh", disk, self.bundle, self.run] if disk else \
            [self.run, bundle or self.bundle]
        with self.log.open("a") as log:
            self.process = self.host.start(*command, f"--serve={self.host.inner_address}", *self.flags,
                                           stdout=subprocess.PIPE, stderr=log)
        return self.process

    def hear_ready(self) -> None:
        line = self.process.stdout.readline()
        if not line.startswith("ready "):
            raise RuntimeError(f"the worker did not start, but said '{line}'; see {self.log}")

    def end(self, how: int = signal.SIGKILL) -> None:
        self.process.send_signal(how)
        self.process.wait()
        self.process.stdout.close()
        self.host.processes.remove(self.process)

    def restart(self, **start: Path | int) -> None:
        self.end()
        self.start(**start)

    def die(self) -> Callable[[], None]:
        self.end()
        return self.start

    def leave(self) -> Callable[[], None]:
        self.end(signal.SIGTERM)
        return self.start

    def hang(self) -> Callable[[], None]:
        self.process.send_signal(signal.SIGSTOP)
        return lambda: self.process.send_signal(signal.SIGCONT)

    def fall_silent(self) -> Callable[[], None]:
        self.host.faults(stall=True)
        return lambda: self.host.faults(stall=False)

    def lose_cable(self) -> Callable[[], None]:
        self.host.unplug()
        return self.host.plug

    def corrupt(self) -> Callable[[], None]:
        self.host.faults(corrupt=0.1)
        return lambda: self.host.faults(corrupt=0)

    def delay(self) -> Callable[[], None]:
        self.host.faults(delay=0.05, jitter=0.2)
        return lambda: self.host.faults(delay=0, jitter=0)

    def lose_connections(self) -> Callable[[], None]:
        self.host.faults(cut=0.1, refuse=0.5)
        return lambda: self.host.faults(cut=0, refuse=0)

    def take_wrong_bundle(self) -> Callable[[], None]:
        self.restart(bundle=self.wrong_bundle)
        return self.restart

    def take_half_a_bundle(self) -> Callable[[], None]:
        self.restart(disk=self.bundle.stat().st_size // 2 // PAGE * PAGE)
        return self.restart

    def fill_disk(self) -> Callable[[], None]:
        """There is room for the bundle, and none for the log."""
        self.restart(disk=-(-self.bundle.stat().st_size // PAGE) * PAGE)
        return self.restart


KINDS = (Worker.die, Worker.leave, Worker.hang, Worker.fall_silent, Worker.lose_cable, Worker.corrupt, Worker.delay,
         Worker.lose_connections, Worker.take_wrong_bundle, Worker.take_half_a_bundle, Worker.fill_disk)


class Accidents:
    """`every` seconds, on average, an accident; each lasts at most `longest`."""

    def __init__(self, workers: list[Worker], seed: int, every: float, longest: float) -> None:
        self.workers, self.every, self.longest = workers, every, longest
        self.random = random.Random(seed)
        self.mends: list[tuple[float, int, Worker, Callable[[], None]]] = []
        self.counts: Counter = Counter()

    def happen(self) -> None:
        well = [worker for worker in self.workers if not worker.broken]
        kind = self.random.choice(KINDS)
        lasts = self.random.uniform(0, self.longest)
        if not well:
            return
        worker = self.random.choice(well)
        worker.broken = True
        self.counts[kind.__name__] += 1
        heapq.heappush(self.mends, (time.monotonic() + lasts, self.counts.total(), worker, kind(worker)))

    def mend(self, until: float) -> None:
        while self.mends and self.mends[0][0] <= until:
            _, _, worker, mend = heapq.heappop(self.mends)
            mend()
            worker.broken = False

    def happen_until(self, over: Callable[[], bool]) -> None:
        """And mends all in the end."""
        following = time.monotonic()
        while not over():
            now = time.monotonic()
            self.mend(now)
            if now >= following:
                self.happen()
                following = now + self.random.expovariate(1 / self.every)
            time.sleep(0.005)
        self.mend(float("inf"))
