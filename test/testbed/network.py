"""Hosts as network namespaces around one that is the switch, or the radio channel:
one namespace a host, a pair of interfaces each, a bridge in the middle."""

import json
import os
import signal
from dataclasses import dataclass
from pathlib import Path

import yaml

from .owner import is_left_behind, mine
from .shell import CommandFailed, sh

DEVICES = Path(__file__).resolve().parents[2] / "targets/devices"
MTU = 1500
# TCP payload of a full frame, with time stamps, and the frame as counters and shaper see it.
PAYLOAD, FRAME = MTU - 52, MTU + 14
# Seconds by which a burst may outrun the link. Less, and a machine that is busy for as
# long falls behind the rate; and of the frames that the kernel may pass on in one piece.
BURST, PIECE = 1e-3, 1e-4
# Bytes that wait in a switch's port, and in the senders of a radio channel.
PORT_QUEUE, RADIO_QUEUE = 1 << 20, 8 << 20


@dataclass(frozen=True)
class Link:
    """How hosts are connected: `switch`, a cable each, both ways at once, or `wifi`, one
    channel for all frames of all hosts. `bits_per_second` is what the payload of a
    long TCP transfer sees, `latency` its seconds one way, as device files have them."""

    kind: str
    bits_per_second: float
    latency: float = 0

    @classmethod
    def of_device(cls, name: str, kind: str) -> "Link":
        link = yaml.safe_load((DEVICES / f"{name}.yaml").read_text())["link"]
        return cls(kind, float(link["bandwidth_bits_per_s"]), float(link["latency_s"]))

    @property
    def frames_per_second(self) -> float:
        return self.bits_per_second / 8 / PAYLOAD

    def shaper(self, queue: int) -> str:
        """As tc takes it."""
        burst = FRAME * max(4, int(self.frames_per_second * BURST))
        return f"tbf rate {8 * FRAME * self.frames_per_second:.0f}bit burst {burst} limit {queue}"

    def piece(self) -> str:
        """As ip takes it. A gigabit of single frames would cost this machine a core."""
        return f"gso_max_segs {max(1, int(self.frames_per_second * PIECE))}"


@dataclass(frozen=True)
class Counters:
    """Of a host's interface: frames and their bytes, without preamble and checksum."""

    sent_bytes: int = 0
    received_bytes: int = 0
    sent_frames: int = 0
    received_frames: int = 0

    def __sub__(self, other: "Counters") -> "Counters":
        return Counters(*(a - b for a, b in zip(vars(self).values(), vars(other).values())))


class Network:
    """Namespaces of `count` hosts at 10.77.0.1, 10.77.0.2, …, until remove()."""

    def __init__(self, count: int, link: Link) -> None:
        self.hosts = [f"{mine()}.h{i}" for i in range(count)]
        self.middle = f"{mine()}.switch"
        self.addresses = [f"10.77.0.{i + 1}" for i in range(count)]
        try:
            self.make(link)
        except BaseException:
            self.remove()
            raise

    def make(self, link: Link) -> None:
        for name in [self.middle, *self.hosts]:
            sh("ip", "netns", "add", name)
            # Nothing but what the tests send shall be counted.
            sh("ip", "netns", "exec", name, "sh", "-c", "echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6 || true")
        self.ip(self.middle, "link add br0 type bridge\nlink set br0 up")
        for i, host in enumerate(self.hosts):
            self.ip(self.middle, f"link add name p{i} type veth peer name eth0 netns {host}\n"
                                 f"link set p{i} master br0 {link.piece()} up")
            self.ip(host, f"link set eth0 {link.piece()} up\nlink set lo up\n"
                          f"address add {self.addresses[i]}/24 dev eth0")
        if link.kind == "wifi":
            self.share_channel(link)
        else:
            self.shape_ports(link)

    def shape_ports(self, link: Link) -> None:
        for i, host in enumerate(self.hosts):
            self.tc(host, f"qdisc add dev eth0 root {link.shaper(PORT_QUEUE)}")
            self.tc(self.middle, f"qdisc add dev p{i} root {link.shaper(PORT_QUEUE)}")

    def share_channel(self, link: Link) -> None:
        """All frames pass one interface, with one bucket, on their way into the bridge."""
        self.ip(self.middle, "link add air type ifb\nlink set air up")
        self.tc(self.middle, f"qdisc add dev air root {link.shaper(RADIO_QUEUE)}")
        for i, host in enumerate(self.hosts):
            self.tc(host, "qdisc add dev eth0 root pfifo")
            self.tc(self.middle, f"qdisc add dev p{i} root pfifo")
            self.tc(self.middle, f"qdisc add dev p{i} ingress\n"
                                 f"filter add dev p{i} parent ffff: protocol all u32 match u32 0 0 "
                                 f"action mirred egress redirect dev air")

    @staticmethod
    def ip(namespace: str, commands: str) -> None:
        sh("ip", "-n", namespace, "-batch", "-", text=commands + "\n")

    @staticmethod
    def tc(namespace: str, commands: str) -> None:
        sh("tc", "-n", namespace, "-batch", "-", text=commands + "\n")

    def counters(self, host: int) -> Counters:
        """By the queues before both ends of the cable: an interface counts the headers of
        frames that it passes on in one piece only once."""
        sent, received = (json.loads(sh("tc", "-n", namespace, "-s", "-j", "qdisc", "show", "dev", interface))[0]
                          for namespace, interface in ((self.hosts[host], "eth0"), (self.middle, f"p{host}")))
        return Counters(sent["bytes"], received["bytes"], sent["packets"], received["packets"])

    def unplug(self, host: int, plugged: bool = False) -> None:
        """Takes a host's cable out, or puts it back."""
        self.ip(self.middle, f"link set p{host} {'up' if plugged else 'down'}")

    def remove(self) -> None:
        for name in [*self.hosts, self.middle]:
            remove(name)


def remove(name: str) -> None:
    """Ends what runs in a namespace, and the namespace."""
    try:
        for pid in sh("ip", "netns", "pids", name).split():
            os.kill(int(pid), signal.SIGKILL)
    except (CommandFailed, ProcessLookupError):
        pass
    try:
        sh("ip", "netns", "del", name)
    except CommandFailed:
        pass  # it was never made


def clean() -> list[str]:
    """Removes the namespaces of processes that are gone; their names."""
    names = [line.split()[0] for line in sh("ip", "netns", "list").splitlines() if line]
    left = [name for name in names if is_left_behind(name)]
    for name in left:
        remove(name)
    return left
