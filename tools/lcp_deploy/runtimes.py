"""lcp-run for a device's processor: which files there are, and what they need."""

import re
import struct
from dataclasses import dataclass
from pathlib import Path

from .errors import Problem

ROOT = Path(__file__).resolve().parents[2]
# Self-contained ones first.
BUILT = [ROOT / "build" / preset / "bin/lcp-run" for preset in ("runtime-aarch64", "runtime-x86-64", "runtime-only")]
# ELF's numbers of machines.
MACHINES = {62: "x86_64", 183: "aarch64", 40: "armhf"}
LOADER = 3  # PT_INTERP


@dataclass(frozen=True)
class Runtime:
    path: Path
    machine: str
    # Of a program that is not self-contained: the C library it needs at least.
    glibc: tuple[int, int] | None

    def describe(self) -> str:
        return "self-contained" if self.glibc is None else f"needs glibc {self.glibc[0]}.{self.glibc[1]}"


def read(path: Path) -> Runtime:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise Problem(f"{path}: {error.strerror}; build it, or give another --runtime") from None
    if data[:4] != b"\x7fELF" or data[5] != 1:
        raise Problem(f"{path}: not a program for Linux")
    wide = data[4] == 2
    machine = MACHINES.get(struct.unpack_from("<H", data, 18)[0])
    if not machine:
        raise Problem(f"{path}: for a processor that lcp-deploy does not know")
    offset = struct.unpack_from("<Q" if wide else "<I", data, 32 if wide else 28)[0]
    size, count = struct.unpack_from("<HH", data, 54 if wide else 42)
    kinds = [struct.unpack_from("<I", data, offset + i * size)[0] for i in range(count)]
    versions = [(int(a), int(b)) for a, b in re.findall(rb"\0GLIBC_(\d+)\.(\d+)", data)]
    return Runtime(path, machine, max(versions, default=(2, 0)) if LOADER in kinds else None)


def find(given: list[Path]) -> list[Runtime]:
    return [read(path) for path in given] or [read(path) for path in BUILT if path.exists()]


def machine_of(about: dict[str, str]) -> str:
    """A 64-bit kernel may run 32-bit programs only."""
    machine = about["machine"]
    if machine in ("aarch64", "armv8l", "armv7l"):
        return "aarch64" if machine == "aarch64" and about["bits"] == "64" else "armhf"
    return machine


def choose(runtimes: list[Runtime], about: dict[str, str]) -> Runtime:
    """For the device that said this of itself."""
    machine = machine_of(about)
    have = [tuple(map(int, about["glibc"].split(".")[:2]))] if about["glibc"] else []
    fitting = [r for r in runtimes if r.machine == machine]
    for runtime in fitting:
        if runtime.glibc is None or (have and have[0] >= runtime.glibc):
            return runtime
    if fitting:
        raise Problem(f"{fitting[0].path} {fitting[0].describe()}, and the device has {about['glibc'] or 'another C library'}")
    hint = {"aarch64": "build preset runtime-aarch64", "x86_64": "build preset runtime-x86-64",
            "armhf": "Debian's armhf libraries are not set up for cross-compiling here: build preset runtime-only on "
                     "such a device and give it"}.get(machine, "build preset runtime-only on the device and give it")
    raise Problem(f"no lcp-run for its processor, {machine}: {hint} (--runtime=FILE)")
