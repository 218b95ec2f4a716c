"""A device, reached by the system's ssh."""

import io
import shlex
import subprocess
import tarfile
from pathlib import Path

from .cluster import Worker
from .errors import Problem

SCRIPT = (Path(__file__).parent / "device.sh").read_text()
# Where everything of ours is on a device; docs/howto/deploy.md says what.
FOLDER = "/opt/lcp"
OPTIONS = ["-o", "BatchMode=yes", "-o", "ConnectTimeout=10", "-o", "ServerAliveInterval=5", "-o", "ServerAliveCountMax=3"]
# Contents, and whether it is a program.
Files = dict[str, tuple[bytes | Path, int]]


def pack(files: Files, out: io.RawIOBase) -> None:
    with tarfile.open(fileobj=out, mode="w|") as tar:
        for name, (contents, mode) in files.items():
            entry = tarfile.TarInfo(name)
            entry.mode = mode
            if isinstance(contents, bytes):
                entry.size = len(contents)
                tar.addfile(entry, io.BytesIO(contents))
            else:
                entry.size = contents.stat().st_size
                with contents.open("rb") as data:
                    tar.addfile(entry, data)


class Device:
    def __init__(self, worker: Worker, ssh_config: Path | None) -> None:
        self.worker = worker
        self.ssh = ["ssh", *(["-F", str(ssh_config)] if ssh_config else []), *OPTIONS, worker.host]

    def run(self, command: str, *arguments: str, files: Files | None = None) -> str:
        """One command of device.sh; what it printed."""
        script = shlex.join(["sh", "-c", SCRIPT, "lcp-deploy", command, FOLDER, *arguments])
        remote = f'if [ "$(id -u)" = 0 ]; then exec {script}; else exec sudo -n {script}; fi'
        process = subprocess.Popen([*self.ssh, remote], stdin=subprocess.PIPE if files else subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if files:
            try:
                with process.stdin as out:
                    pack(files, out)
            except OSError:
                pass  # It says why on stderr.
            process.stdin = None
        out, said = (text.decode(errors="replace") for text in process.communicate())
        if process.returncode:
            lines = [line.removeprefix("lcp-run: error: ") for line in said.splitlines() if line.strip()]
            raise Problem(lines[-1] if lines else f"the connection was lost during '{command}'")
        return out

    def about(self) -> dict[str, str]:
        """current, replaces, machine, …; and `versions`, all that are whole."""
        pairs = [line.partition("=")[::2] for line in self.run("about").splitlines()]
        versions = " ".join(value for key, value in pairs if key == "version")
        return {**dict(pairs), "versions": versions}
