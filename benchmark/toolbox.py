"""What the benchmarks share: the built tools as processes, and which code was measured."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


class Problem(Exception):
    """Why something has no figures; the last line says it in short."""


def tool(command: list[str | Path], timeout: float | None = None) -> str:
    try:
        done = subprocess.run([str(c) for c in command], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=timeout)
    except subprocess.TimeoutExpired:
        raise Problem(f"{Path(command[0]).name} took more than {timeout:.0f} s") from None
    if done.returncode:
        raise Problem(f"{' '.join(map(str, command))}:\n{done.stderr.strip() or f'it ended with {done.returncode}'}")
    return done.stdout


def last_line(problem: Problem) -> str:
    """What a tool said, without the command."""
    return str(problem).strip().splitlines()[-1].strip()


def git_name(what: str) -> str:
    """Git's short name for a commit or a folder's contents; the latter outlives a rebase."""
    return subprocess.run(["git", "-C", str(ROOT), "rev-parse", "--short", what], capture_output=True,
                          text=True).stdout.strip()
