"""The built tools, called as a user calls them, and what they say a network costs."""

import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .errors import Problem

BUILT = Path(__file__).resolve().parents[2] / "build/dev/bin"


@dataclass(frozen=True)
class Cost:
    """Of one inference, by lcp-opt --lcp-print-footprint; milliseconds are modelled.
    A network without branches has one device, and no link."""

    parameters: int
    macs: int
    devices: int
    # The busiest device, then the coordinator; its link; whether each one's memory is enough.
    compute_ms: float
    link_ms: float
    fits: bool
    # All branches on one device.
    one_device_ms: float
    one_device_fits: bool
    # By which the device computes: "measured" or "published", or at its "peak".
    efficiency: str

    @property
    def devices_ms(self) -> float:
        return self.compute_ms + self.link_ms


def cost_of(footprint: dict) -> Cost:
    one, spread = footprint["on_one_device"], footprint["modelled"]
    return Cost(one["parameters"], one["macs"], max(1, len(footprint["devices"])), spread["compute_ms"], spread["link_ms"],
                spread["fits_memory"], one["modelled"]["compute_ms"], one["modelled"]["fits_memory"],
                spread["efficiency"])


class Compiler:
    """Networks pass through it as ONNX files; raises Problem with the tool's own words."""

    def __init__(self, folder: Path | None, device: str) -> None:
        self.folder, self.device = folder or find_tools(), device

    def run(self, tool: str, *arguments: str | Path) -> str:
        command = [str(self.folder / tool), *map(str, arguments)]
        try:
            done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        except OSError as error:
            raise Problem(f"{command[0]}: {error.strerror}; build it, or say --tools=DIR") from None
        if done.returncode:
            # What is wrong with an option's value is LLVM's to say, without the word.
            lines = done.stderr.splitlines()
            said = [line for line in lines if "error: " in line] or lines or [f"ended with {done.returncode}"]
            raise Problem(f"{tool}: {said[0].removeprefix(f'{tool}: ').split('error: ', 1)[-1]}")
        return done.stdout

    def through(self, model: Path, out: Path, *passes: str) -> None:
        """`model` imported, changed by `passes` of lcp-opt and exported to `out`."""
        with self.imported(model) as module:
            if passes:
                self.run("lcp-opt", *passes, module, "-o", module)
            self.run("lcp-translate", "--export-onnx", module, "-o", out)

    def cost(self, model: Path) -> Cost:
        """Of the network as it will be compiled, simplified."""
        with self.imported(model) as module:
            return cost_of(json.loads(self.run(
                "lcp-opt", "--lcp-simplify", f"--lcp-print-footprint=device={self.device} json=true", module, "-o", module)))

    @contextmanager
    def imported(self, model: Path) -> Iterator[Path]:
        with tempfile.TemporaryDirectory(prefix="lcp-train-") as work:
            module = Path(work) / "model.mlirbc"
            self.run("lcp-translate", "--import-onnx", model, "-o", module)
            yield module


def find_tools() -> Path:
    found = shutil.which("lcp-opt")
    return Path(found).parent if found else BUILT
