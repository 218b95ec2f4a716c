"""The bed itself: a coordinator and its devices, and what runs on them."""

import atexit
import ctypes
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from . import cpu, network
from .network import Counters, Link, Network

# Where others reach a device's worker, and where the worker listens in its namespace.
PORT, INNER_PORT = 9000, 9001
PROXY = Path(__file__).with_name("proxy.py")


class Host:
    """One machine of the bed."""

    def __init__(self, number: int, net: Network, cores: float | None, delay: float) -> None:
        self.number, self.net, self.delay = number, net, delay
        self.ip = net.addresses[number]
        self.address = f"{self.ip}:{PORT}"
        self.inner_address = f"127.0.0.1:{INNER_PORT}"
        self.group = cpu.Group(f"h{number}", cores) if cpu.version() else None
        self.outside = cpu.Group(f"p{number}", None) if cpu.version() else None
        self.processes: list[subprocess.Popen] = []
        self.proxy: subprocess.Popen | None = None

    def start(self, *command: str | Path, **options) -> subprocess.Popen:
        """A process on this host, which ends with this one."""
        process = subprocess.Popen([*self.inside(self.group), *map(str, command)],
                                   **{"stdin": subprocess.DEVNULL, "text": True, **options})
        self.processes.append(process)
        return process

    def inside(self, group: cpu.Group | None) -> list[str]:
        """The beginning of a command that runs on this host, and ends with this process."""
        return [*(group.entrance() if group else []), "setpriv", "--pdeathsig", "KILL",
                "ip", "netns", "exec", self.net.hosts[self.number]]

    def run(self, *command: str | Path, timeout: float = 120) -> subprocess.CompletedProcess:
        """The same, to its end."""
        process = self.start(*command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        try:
            out, err = process.communicate(timeout=timeout)
        finally:
            process.kill()
            self.processes.remove(process)
        return subprocess.CompletedProcess(command, process.returncode, out, err)

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Sockets that this thread makes meanwhile are this host's, and stay so."""
        libc = ctypes.CDLL(None, use_errno=True)
        with open("/proc/thread-self/ns/net") as before, open(f"/run/netns/{self.net.hosts[self.number]}") as here:
            if libc.setns(here.fileno(), 0):
                raise OSError(ctypes.get_errno(), "setns")
            try:
                yield
            finally:
                libc.setns(before.fileno(), 0)

    def open_port(self) -> None:
        """Lets others reach what listens at `inner_address` by `address`, once hear_proxy
        returned. The proxy is no part of the device, and has a group of its own."""
        settings = json.dumps({"delay": self.delay})
        self.proxy = subprocess.Popen([*self.inside(self.outside), sys.executable, PROXY, self.address,
                                       self.inner_address, settings], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.processes.append(self.proxy)

    def hear_proxy(self) -> None:
        if self.proxy.stdout.readline() != "ok\n":
            raise RuntimeError(f"the proxy of {self.address} ended")

    def faults(self, **settings: float) -> None:
        """Changes what the proxy does, see proxy.Settings; those not named stay."""
        print(json.dumps(settings), file=self.proxy.stdin, flush=True)
        self.hear_proxy()

    def unplug(self) -> None:
        self.net.unplug(self.number)

    def plug(self) -> None:
        self.net.unplug(self.number, plugged=True)

    def counters(self) -> Counters:
        return self.net.counters(self.number)

    def cpu_seconds(self) -> float:
        """Of all that ran here; NaN where there are no control groups to ask."""
        return self.group.seconds() if self.group else float("nan")

    def stop(self) -> None:
        for process in self.processes:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout, process.stderr):
                if pipe:
                    pipe.close()
        self.processes = []
        for group in filter(None, (self.group, self.outside)):
            group.remove()


class Bed:
    """A coordinator and `devices` devices on one link. `cores` is how much of this
    machine's CPU a device may use, in cores; None is no limit. One bed a process at a time:
    the process goes before the machine's other work, as all of the bed does."""

    def __init__(self, devices: int, link: Link, cores: float | None = None) -> None:
        clean()
        self.link = link
        self.net = Network(devices + 1, link)
        self.hosts: list[Host] = []
        self.group = cpu.Group("maker", None) if cpu.version() else None
        atexit.register(self.remove)
        end_in_order()
        try:
            if self.group:
                self.group.enter()
            for number in range(devices + 1):
                self.hosts.append(Host(number, self.net, cores, link.latency))
            for host in self.devices:
                host.open_port()
            for host in self.devices:
                host.hear_proxy()
        except BaseException:
            self.remove()
            raise

    @property
    def coordinator(self) -> Host:
        return self.hosts[0]

    @property
    def devices(self) -> list[Host]:
        return self.hosts[1:]

    def __enter__(self) -> "Bed":
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()

    def remove(self) -> None:
        atexit.unregister(self.remove)
        if self.group and self.group.folders[0].exists():
            self.group.leave()
            self.group.remove()
        for host in self.hosts:
            host.stop()
        self.net.remove()


def end_in_order() -> None:
    """A process that is told to end, once or several times, runs its atexit functions."""
    numbers = (signal.SIGTERM, signal.SIGHUP)

    def end(number: int, _: object) -> None:
        for each in numbers:
            signal.signal(each, signal.SIG_IGN)
        sys.exit(128 + number)

    for number in numbers:
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, end)


def clean() -> list[str]:
    """Removes what killed processes left behind; the names."""
    return network.clean() + cpu.clean()
