"""The workers of a cluster file, as far as deploying is concerned."""

from dataclasses import dataclass
from pathlib import Path

import yaml

from .errors import Problem


@dataclass(frozen=True)
class Worker:
    # HOST:PORT or [IPV6]:PORT, as in the file.
    address: str
    # Of every parallel stage; empty: whichever it is asked for.
    branches: tuple[int, ...]
    # The name that its certificate has; empty: the host's.
    certificate: str = ""

    @property
    def name(self) -> str:
        """Of its folder among those of lcp-run --make-certs."""
        return self.certificate or self.host

    @property
    def host(self) -> str:
        return self.address.rpartition(":")[0].strip("[]")

    @property
    def port(self) -> int:
        return int(self.address.rpartition(":")[2])


LOCAL = "local"


def read(path: Path) -> tuple[list[Worker], list[dict]]:
    """Those that something is copied to, and what the file says of the coordinator as a device: one
    entry, or none. lcp-run checks the file in full; here only what is used."""
    if path.exists() and not path.is_file():  # Reading a pipe would wait for whoever writes to it.
        raise Problem(f"{path}: cannot read the cluster file: not a regular file")
    try:
        workers = yaml.safe_load(path.read_text())["workers"]
        local = [w for w in workers if w["address"] == LOCAL]
        found = [Worker(str(w["address"]), branches_of(w), str(w.get("certificate") or "")) for w in workers
                 if w["address"] != LOCAL]
        if workers and not found:
            raise Problem(f"{path}: has no device but this machine, which computes its branches itself")
        if not found or not all(w.host and w.port for w in found):
            raise ValueError
    except OSError as error:
        raise Problem(f"{path}: cannot read the cluster file: {error.strerror}") from None
    except (yaml.YAMLError, KeyError, TypeError, ValueError):
        raise Problem(f"{path}: not a cluster file; 'lcp-run --cluster={path}' says what is wrong") from None
    hosts = [w.host for w in found]
    if twice := sorted({h for h in hosts if hosts.count(h) > 1}):
        raise Problem(f"{path}: {twice[0]} has several workers, and lcp-deploy starts one a device: give that one "
                      "the branches of all")
    return found, local


def branches_of(worker: dict) -> tuple[int, ...]:
    branches = worker.get("branches") or []
    return () if branches == "auto" else tuple(int(b) for b in branches)
