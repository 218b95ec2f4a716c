#!/usr/bin/env python3
"""Makes build/peers, the environment of the engines that ./bootstrap bench measures beside
ours, from benchmark/requirements.txt. What cannot be had is named in its problems.json, and
in the tables."""

import json
import os
import sys
from pathlib import Path

from engines import NAMES, engine
from toolbox import ROOT, Problem, tool

REQUIREMENTS = ROOT / "benchmark/requirements.txt"
FOLDER = ROOT / "build/peers"
# PyTorch, gigabytes of it: only the program in the package is wanted.
WITHOUT_DEPENDENCIES = ("pnnx",)
COMMON = ("onnx", "numpy")


class Peers:
    """The Python that has the engines; those that it has, and why it lacks others."""

    def __init__(self, python: Path, names: tuple[str, ...] = NAMES, problems: dict[str, str] | None = None) -> None:
        self.python, self.problems = python, problems or {}
        self.names = [name for name in names if name not in self.problems]

    def versions(self, name: str) -> str:
        code = "import sys, importlib.metadata as m; print(', '.join(f'{p} {m.version(p)}' for p in sys.argv[1:]))"
        return tool([self.python, "-c", code, *engine(name).PACKAGES]).strip()


def pinned() -> dict[str, str]:
    lines = [line.split("#")[0].strip() for line in REQUIREMENTS.read_text().splitlines()]
    return {line.split("==")[0]: line for line in lines if line}


def install(python: Path, packages: tuple[str, ...]) -> None:
    wanted = pinned()
    for package in packages:
        flags = ["--no-deps"] if package in WITHOUT_DEPENDENCIES else []
        tool([python, "-m", "pip", "install", "--disable-pip-version-check", "-q", *flags, wanted[package]])


def make() -> Peers:
    """Makes it where there is none of these very versions."""
    done, python = FOLDER / "requirements.txt", FOLDER / "bin/python"
    if not done.exists() or done.read_text() != REQUIREMENTS.read_text():
        print(f"making {FOLDER.relative_to(ROOT)} from {REQUIREMENTS.relative_to(ROOT)}", flush=True)
        # The Python that made .venv, not the one in it.
        tool([os.path.realpath(sys.executable), "-m", "venv", "--clear", FOLDER])
        install(python, COMMON)
        problems = {}
        for name in NAMES:
            try:
                install(python, engine(name).PACKAGES)
            except Problem as problem:
                problems[name] = f"pip: {str(problem).strip().splitlines()[-1]}"
                print(f"no {name}: {problems[name]}", file=sys.stderr, flush=True)
        (FOLDER / "problems.json").write_text(json.dumps(problems, indent=1) + "\n")
        done.write_text(REQUIREMENTS.read_text())
    return Peers(python, problems=json.loads((FOLDER / "problems.json").read_text()))


if __name__ == "__main__":
    try:
        make()
    except Problem as problem:
        sys.exit(f"peers: {problem}")
