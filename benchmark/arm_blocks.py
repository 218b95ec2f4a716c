"""What a program's blocks of instructions are, how often they run (in qemu), and how many
cycles they would take on a core (by llvm-mca)."""

import re
import subprocess
from collections import Counter
from functools import lru_cache
from pathlib import Path

from toolbox import ROOT, tool

# Of the instructions run, those in blocks that llvm-mca is asked about; the others are
# taken to be as fast.
SHARE = 0.995
REPEATED = 100  # how often a block follows itself in llvm-mca


def plugin(folder: Path) -> Path:
    path = folder / "qemu_blocks.so"
    tool(["cc", "-O2", "-shared", "-fPIC", ROOT / "benchmark/qemu_blocks.c", "-o", path])
    return path


def count(plugin: Path, core: str, command: list[str | Path], out: Path) -> Counter[str]:
    """How often each block ran, by its instructions in hexadecimal."""
    tool(["qemu-aarch64", "-cpu", core, "-plugin", f"{plugin},out={out}", *command])
    blocks: Counter[str] = Counter()
    with open(out) as lines:
        for line in lines:
            times, code = line.split()
            blocks[code] += int(times)
    return blocks


def instructions(code: str) -> int:
    return len(code) // 8


def assembly(code: str) -> str:
    words = [code[at:at + 8] for at in range(0, len(code), 8)]
    text = "\n".join(" ".join(f"0x{word[at:at + 2]}" for at in (6, 4, 2, 0)) for word in words)
    done = subprocess.run(["llvm-mc-19", "--disassemble", "-triple=aarch64", "-mattr=+v8a"], input=text,
                          capture_output=True, text=True)
    return "\n".join(line for line in done.stdout.splitlines() if not line.startswith("\t."))


@lru_cache(maxsize=None)
def cycles(code: str, core: str) -> float:
    """Of one run of a block that follows itself, with every load from the nearest cache."""
    done = subprocess.run(["llvm-mca-19", "-mtriple=aarch64", f"-mcpu={core}", f"-iterations={REPEATED}"],
                          input=assembly(code), capture_output=True, text=True)
    found = re.search(r"Total Cycles:\s+(\d+)", done.stdout)
    return int(found[1]) / REPEATED if found else instructions(code)


def predict(blocks: dict[str, float], cores: tuple[str, ...]) -> tuple[float, dict[str, float]]:
    """Instructions, and cycles on each core."""
    total = sum(instructions(code) * times for code, times in blocks.items())
    seen, found = 0.0, dict.fromkeys(cores, 0.0)
    for code, times in sorted(blocks.items(), key=lambda block: -instructions(block[0]) * block[1]):
        if seen > SHARE * total:
            break
        seen += instructions(code) * times
        for core in cores:
            found[core] += times * cycles(code, core)
    return total, {core: value * total / seen for core, value in found.items()}
