"""What this machine can do of what a test bed needs."""

import os
import shutil
from functools import cache

from . import cpu
from .network import Link, Network
from .shell import CommandFailed


@cache
def missing(kind: str = "switch", quota: bool = False) -> str:
    """Why there can be no test bed with such a link here, or with CPU quotas; empty if there can."""
    if os.geteuid() != 0:
        return "a test bed needs root: it makes network namespaces"
    for tool in ("ip", "tc", "setpriv"):
        if not shutil.which(tool):
            return f"a test bed needs {tool} (Debian: iproute2, util-linux)"
    if quota and not cpu.version():
        return "a CPU quota needs the cpu controller of cgroup v1 or v2 at /sys/fs/cgroup"
    try:
        Network(1, Link(kind, 1e8)).remove()
    except CommandFailed as failed:
        return f"a test bed cannot be made: {failed}"
    return ""
