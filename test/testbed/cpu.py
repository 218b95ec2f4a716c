"""Control groups: how much of a CPU a device may use, and how much it used. Version 1
and version 2 of them, whichever the machine has."""

import os
import signal
import time
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from .owner import is_left_behind, mine

ROOT = Path("/sys/fs/cgroup")
PERIOD = 100_000  # microseconds
# Most of a weight there is: a bed goes before the machine's other work, which would
# otherwise be part of what is measured.
SHARES, WEIGHT = 262144, 10000


@cache
def version() -> int:
    """1 or 2, by where the CPU controller is; 0 if it is nowhere that we may use."""
    if (ROOT / "cpu/cpu.cfs_quota_us").exists() and (ROOT / "cpuacct/cpuacct.usage").exists():
        return 1 if os.access(ROOT / "cpu/cgroup.procs", os.W_OK) else 0
    try:
        (ROOT / "cgroup.subtree_control").write_text("+cpu")
    except OSError:  # there is none, or this is a container's part of it
        return 0
    return 2


def folders(name: str) -> list[Path]:
    return [ROOT / "cpu" / name, ROOT / "cpuacct" / name] if version() == 1 else [ROOT / name]


class Group:
    """The processes of one device."""

    def __init__(self, name: str, cores: float | None) -> None:
        self.folders = list(dict.fromkeys(folder.resolve() for folder in folders(f"{mine()}.{name}")))
        for folder in self.folders:
            folder.mkdir(exist_ok=True)
        if version() == 1:
            (self.folders[0] / "cpu.shares").write_text(str(SHARES))
        else:
            (self.folders[0] / "cpu.weight").write_text(str(WEIGHT))
        if cores and version() == 1:
            (self.folders[0] / "cpu.cfs_period_us").write_text(str(PERIOD))
            (self.folders[0] / "cpu.cfs_quota_us").write_text(str(int(cores * PERIOD)))
        elif cores:
            (self.folders[0] / "cpu.max").write_text(f"{int(cores * PERIOD)} {PERIOD}")

    def entrance(self) -> list[str]:
        """The beginning of a command that puts itself into the group first."""
        writes = "".join(f'echo $$ >"{folder}/cgroup.procs" && ' for folder in self.folders)
        return ["sh", "-c", writes + 'exec "$@"', "sh"]

    def enter(self) -> None:
        """Takes this process in, until leave()."""
        lines = [line.split(":", 2) for line in Path("/proc/self/cgroup").read_text().splitlines()]
        paths = {controllers: path.lstrip("/") for _, controllers, path in lines}
        self.before = [ROOT / name / paths[name] for name in ("cpu", "cpuacct")] if version() == 1 else \
            [ROOT / paths[""]]
        self.move([os.getpid()], self.folders)

    def leave(self) -> None:
        self.move(map(int, (self.folders[0] / "cgroup.procs").read_text().split()), self.before)

    @staticmethod
    def move(pids: Iterable[int], folders: list[Path]) -> None:
        for pid in pids:
            for folder in folders:
                try:
                    (folder / "cgroup.procs").write_text(str(pid))
                except ProcessLookupError:
                    pass

    def seconds(self) -> float:
        """CPU time of all that ever ran in the group."""
        if version() == 1:
            return int((self.folders[-1] / "cpuacct.usage").read_text()) / 1e9
        return int((self.folders[0] / "cpu.stat").read_text().split()[1]) / 1e6

    def remove(self) -> None:
        for folder in self.folders:
            remove(folder)


def remove(folder: Path) -> None:
    """Ends what runs in a group, and the group."""
    for _ in range(100):
        if not folder.exists():
            return
        for pid in (folder / "cgroup.procs").read_text().split():
            try:
                os.kill(int(pid), signal.SIGKILL)
            except ProcessLookupError:
                pass
        try:
            folder.rmdir()
        except OSError:
            time.sleep(0.02)


def clean() -> list[str]:
    """Removes the groups of processes that are gone; their names."""
    tops = {ROOT / "cpu", ROOT / "cpuacct"} if version() == 1 else {ROOT}
    left = [folder for top in tops for folder in top.glob("*") if is_left_behind(folder.name)]
    for folder in left:
        remove(folder)
    return sorted({folder.name for folder in left})
