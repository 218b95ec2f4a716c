"""The project's command-line tools as the demo calls them: as a user would."""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]


class Tools:
    """Runs tools from `bin`, with files in `work`; a failure ends the demo."""

    def __init__(self, bin: Path, work: Path) -> None:
        self.bin, self.work = bin, work

    def run(self, tool: str, *arguments: str | Path) -> str:
        command = [str(self.bin / tool), *map(str, arguments)]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"demo: {' '.join(command)} ended with status {done.returncode}\n{done.stderr}")
        return done.stdout

    def import_onnx(self, model: Path) -> Path:
        module = self.work / f"{model.stem}.mlirbc"
        self.run("lcp-translate", "--import-onnx", model, "-o", module)
        return module

    def optimise(self, module: Path, flag: str, name: str) -> Path:
        out = self.work / f"{name}.mlirbc"
        self.run("lcp-opt", flag, module, "-o", out)
        return out

    def compile(self, module: Path, *flags: str) -> Path:
        """The bundle for this machine."""
        bundle = self.work / f"{module.stem}.fb"
        self.run("lcp-compile", "--target=host", *flags, module, "-o", bundle)
        return bundle

    def answer(self, bundle: Path, image: Path, *flags: str | Path) -> np.ndarray:
        out = image.with_name(f"{image.stem}-{bundle.stem}-out.npy")
        self.run("lcp-run", bundle, f"--input={image}", f"--output={out}", *flags)
        return np.load(out)

    def benchmark(self, bundle: Path, *flags: str | Path) -> dict:
        return json.loads(self.run("lcp-run", bundle, "--benchmark", "--json", "--min-time=0.5", *flags))


def free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for s in sockets:
        s.bind(("127.0.0.1", 0))
    ports = [s.getsockname()[1] for s in sockets]
    for s in sockets:
        s.close()
    return ports


def wait_for(port: int, worker: subprocess.Popen, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if worker.poll() is not None:
            sys.exit(f"demo: a worker ended with status {worker.returncode}: {worker.stderr.read()}")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    sys.exit(f"demo: no worker answered on port {port} within {seconds:.0f} s")


@contextmanager
def workers(tools: Tools, bundle: Path, count: int) -> Iterator[Path]:
    """`count` worker processes on loopback, one a branch; yields the cluster file."""
    ports = free_ports(count)
    processes = [subprocess.Popen([str(tools.bin / "lcp-run"), f"--serve=127.0.0.1:{port}", str(bundle),
                                   f"--branch={branch}", "--threads=1"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                  stderr=subprocess.PIPE, text=True)
                 for branch, port in enumerate(ports)]
    try:
        for port, process in zip(ports, processes):
            wait_for(port, process)
        cluster = tools.work / f"{bundle.stem}-cluster.yaml"
        cluster.write_text("workers:\n" + "".join(
            f"  - address: 127.0.0.1:{port}\n    branches: [{branch}]\n" for branch, port in enumerate(ports)))
        yield cluster
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait()
