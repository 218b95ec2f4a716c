"""Whose a namespace or a control group is: its name has the process that made it, by
number and start, so that what a killed process left behind can be told from what is in use."""

import os
from pathlib import Path

PREFIX = "lcp-bed"


def started(pid: int) -> str | None:
    """When a process began, in ticks since the machine did; None if there is none."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    state, *fields = text.rpartition(")")[2].split()
    return None if state in "ZX" else fields[18]


def mine() -> str:
    return f"{PREFIX}.{os.getpid()}.{started(os.getpid())}"


def is_left_behind(name: str) -> bool:
    """Of a namespace or group: ours by name, and its process is gone."""
    parts = name.split(".")
    return len(parts) >= 3 and parts[0] == PREFIX and parts[1].isdigit() and started(int(parts[1])) != parts[2]
