"""Devices to deploy to: network namespaces with an sshd, processes and files of their own
each. Power is cut by killing everything that runs in one, at once."""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from lcp import BIN, ROOT

sys.path.insert(0, str(ROOT / "test"))
from testbed import missing  # noqa: E402
from testbed.network import Link, Network  # noqa: E402

DEPLOY = ROOT / "tools/lcp_deploy/lcp-deploy"
# Debian's, unpacked and not installed: no such service runs on this machine for the tests' sake.
SSHD = ROOT / "build/sshd/usr/sbin/sshd"
# Of a device: what its init does. Its own /opt/lcp outlives a power cut; nothing else does.
BOOT = """set -e
mount -t proc proc /proc
mount -t tmpfs none /run
mkdir /run/sshd
# The user that an installed sshd would have.
(cat /etc/passwd; echo sshd:x:65533:65534::/run/sshd:/usr/sbin/nologin) | sort -ut: -k1,1 >/run/passwd
mount --bind /run/passwd /etc/passwd
# Not this machine's: what its root has in .bashrc is of no concern to a device.
mount -t tmpfs none /root
mount -t tmpfs none /opt
mkdir /opt/lcp
mount --bind {disk} /opt/lcp
if [ -x /opt/lcp/supervise ]; then setsid /opt/lcp/supervise </dev/null >/dev/null 2>&1 & fi
exec {sshd} -D -e -f {config}
"""
SSHD_CONFIG = """Port 22
HostKey {folder}/host-key
AuthorizedKeysFile {folder}/key.pub
StrictModes no
UsePAM no
PasswordAuthentication no
PermitRootLogin yes
PidFile none
"""
SSH_CONFIG = """Host *
  User root
  IdentityFile {folder}/key
  IdentitiesOnly yes
  UserKnownHostsFile {folder}/known
  StrictHostKeyChecking accept-new
"""


def why_not() -> str:
    """Why there can be no fleet here; empty if there can."""
    for program in (SSHD, "ssh", "unshare"):
        if not shutil.which(program):
            return f"a fleet needs {program} (./bootstrap deps brings it)"
    return missing()


class Fleet:
    """`count` devices and, in the first namespace, the machine that deploys to them."""

    def __init__(self, folder: Path, count: int) -> None:
        self.folder = folder
        self.network = Network(count + 1, Link("switch", 1e9))
        self.hosts = self.network.hosts[1:]
        self.addresses = self.network.addresses[1:]
        for key in ("key", "host-key"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / key], check=True)
        self.ssh_config = folder / "ssh-config"
        self.ssh_config.write_text(SSH_CONFIG.format(folder=folder))
        (folder / "sshd-config").write_text(SSHD_CONFIG.format(folder=folder))
        self.disks = [folder / f"disk-{i}" for i in range(count)]
        self.running: list[subprocess.Popen] = []
        for disk in self.disks:
            disk.mkdir()
        self.boot()

    def boot(self) -> None:
        for host, disk in zip(self.hosts, self.disks):
            script = BOOT.format(disk=disk, sshd=SSHD, config=self.folder / "sshd-config")
            self.running.append(subprocess.Popen(
                ["ip", "netns", "exec", host, "unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", script],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        for address in self.addresses:
            self.wait_for(address, 22)

    def wait_for(self, address: str, port: int, seconds: float = 30) -> None:
        end = time.monotonic() + seconds
        while subprocess.run(self.inside("bash", "-c", f"</dev/tcp/{address}/{port}"), capture_output=True).returncode:
            if time.monotonic() > end:
                raise TimeoutError(f"nothing listens on {address}:{port}")
            time.sleep(0.05)

    def cut_power(self) -> None:
        for device in self.running:
            device.kill()
        for device in self.running:
            device.wait()
        self.running = []

    def remove(self) -> None:
        self.cut_power()
        self.network.remove()

    def inside(self, *command: str | Path) -> list[str]:
        """A command of the deploying machine."""
        return ["ip", "netns", "exec", self.network.hosts[0], *map(str, command)]

    def deploy_command(self, cluster: Path, *arguments: str | Path) -> list[str]:
        return self.inside(sys.executable, DEPLOY, f"--ssh-config={self.ssh_config}", cluster, *arguments)

    def start_deploy(self, *arguments: str | Path) -> subprocess.Popen:
        return subprocess.Popen(self.deploy_command(*arguments), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True, env=environment(), start_new_session=True)

    def deploy(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(self.deploy_command(*arguments), stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              env=environment(), timeout=300)


def environment() -> dict[str, str]:
    return {**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}"}


def kill(process: subprocess.Popen) -> None:
    """With its children, ssh among them."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.communicate()


def running_version(disk: Path) -> str:
    """Of a device's files: the version that it would start. Every byte of it must be right."""
    current = disk / "current"
    version = os.readlink(current).removeprefix("versions/")
    subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=current, check=True)
    return version


def spoil_golden(bundle: Path) -> None:
    """Makes a bundle of one branch, whole by all its hashes, whose golden output is not what it computes."""
    about = json.loads(subprocess.run([BIN / "lcp-dump", bundle, "--json"], check=True, capture_output=True).stdout)
    golden = [branch["golden"][0] for step in about["steps"] for branch in step.get("branches", []) if branch["golden"]]
    segment = about["segments"][golden[-1]["outputs"][0]]
    data = bytearray(bundle.read_bytes())
    place = slice(segment["offset"], segment["offset"] + segment["size"])
    old = hashlib.sha256(data[place]).digest()
    data[place] = bytes(reversed(data[place]))
    root = slice(256, 256 + int.from_bytes(data[32:40], "little"))
    data[root] = data[root].replace(old, hashlib.sha256(data[place]).digest())
    data[40:72] = hashlib.sha256(data[root]).digest()
    data[224:256] = hashlib.sha256(data[:224]).digest()
    bundle.write_bytes(data)
