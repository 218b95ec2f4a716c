"""The test bed keeps what it promises: rates, latencies, faults, quotas, counters, and
it leaves nothing behind. Where there can be none, the tests say why."""

import signal
import socket
import statistics
import subprocess
import sys
import threading
import time
import unittest
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from testbed import Bed, Host, Link, missing  # noqa: E402
from testbed.bed import PORT  # noqa: E402

RATE = 80e6
SIZE = 3_000_000


def need(kind: str = "switch", quota: bool = False):
    return unittest.skipIf(missing(kind, quota), missing(kind, quota))


def listen(host: Host, address: str, port: int) -> socket.socket:
    with host.entered():
        return socket.create_server((address, port))


def connect(host: Host, address: str, port: int) -> socket.socket:
    with host.entered():
        connection = socket.create_connection((address, port), timeout=10)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def receive(connection: socket.socket, size: int) -> bytes:
    data = bytearray()
    while len(data) < size and (chunk := connection.recv(1 << 16)):
        data += chunk
    return bytes(data)


class Transfer:
    """`size` bytes from one host to another, around the proxies."""

    def __init__(self, source: Host, sink: Host, size: int = SIZE) -> None:
        server = listen(sink, sink.ip, 0)
        self.sender = connect(source, sink.ip, server.getsockname()[1])
        self.receiver, self.size = server.accept()[0], size
        server.close()
        self.threads = [threading.Thread(target=self.sender.sendall, args=(bytes(size),)),
                        threading.Thread(target=self.end)]

    def start(self) -> None:
        self.begun = time.monotonic()
        for thread in self.threads:
            thread.start()

    def end(self) -> None:
        receive(self.receiver, self.size)
        self.seconds = time.monotonic() - self.begun
        self.sender.close()
        self.receiver.close()


def rates(*transfers: Transfer) -> list[float]:
    """Bits a second of transfers that begin together."""
    for transfer in transfers:
        transfer.start()
    for transfer in transfers:
        for thread in transfer.threads:
            thread.join()
    return [8 * transfer.size / transfer.seconds for transfer in transfers]


class InBed(unittest.TestCase):
    """Tests that share a bed."""

    HOSTS, LINK = 4, Link("switch", RATE)

    @classmethod
    def setUpClass(cls) -> None:
        cls.bed = Bed(cls.HOSTS - 1, cls.LINK)
        cls.addClassCleanup(cls.bed.remove)

    def assert_rate(self, measure: Callable[[], list[float]]) -> None:
        """Acknowledgements take their part where both ways are in use, and a busy machine some more: of
        three times one must come near the rate, and none above it."""
        for _ in range(3):
            found = measure()
            self.assertLess(max(found), 1.05 * RATE)
            if min(found) > 0.85 * RATE:
                return
        self.fail(f"{found} bits a second, not {RATE}")


def together(*transfers: Transfer) -> list[float]:
    begun = time.monotonic()
    rates(*transfers)
    return [8 * SIZE * len(transfers) / (time.monotonic() - begun)]


@need()
class Switch(InBed):
    def test_every_port_has_the_rate_to_itself(self) -> None:
        a, b, c, d = self.bed.hosts
        self.assert_rate(lambda: rates(Transfer(a, b), Transfer(c, d), Transfer(b, a)))

    def test_a_port_is_shared(self) -> None:
        a, b, c, _ = self.bed.hosts
        self.assert_rate(lambda: together(Transfer(a, b), Transfer(a, c)))

    def test_the_wire_is_counted(self) -> None:
        a, b, c, _ = self.bed.hosts
        before = [host.counters() for host in (a, b, c)]
        rates(Transfer(a, b))
        sent, received, nothing = (host.counters() - old for host, old in zip((a, b, c), before))
        self.assertGreater(sent.sent_bytes, SIZE * 1514 / 1448)
        self.assertLess(sent.sent_bytes, SIZE * 1514 / 1448 * 1.01)
        self.assertAlmostEqual(1, received.received_bytes / sent.sent_bytes, delta=0.01)
        self.assertGreaterEqual(sent.sent_frames, SIZE // 1448)
        self.assertLess(nothing.received_bytes, 1000)

    def test_a_cable_comes_out(self) -> None:
        host, other = self.bed.coordinator, self.bed.devices[0]
        echo_at(other, other.ip, 7001)
        connection = connect(host, other.ip, 7001)
        other.unplug()
        connection.sendall(b"x")
        connection.settimeout(0.5)
        self.assertRaises(TimeoutError, connection.recv, 1)
        other.plug()
        connection.settimeout(10)
        self.assertEqual(b"x", connection.recv(1))
        connection.close()


@need("wifi")
class Radio(InBed):
    LINK = Link("wifi", RATE)

    def test_all_share_one_channel(self) -> None:
        a, b, c, d = self.bed.hosts
        self.assert_rate(lambda: together(Transfer(a, b)))
        self.assert_rate(lambda: together(Transfer(a, b), Transfer(c, d), Transfer(d, a)))


def echo_at(host: Host, address: str, port: int) -> None:
    """Sends every byte back that comes to that port."""
    server = listen(host, address, port)

    def answer(connection: socket.socket) -> None:
        try:
            while chunk := connection.recv(1 << 16):
                connection.sendall(chunk)
        except OSError:
            pass
        connection.close()

    def serve() -> None:
        while True:
            try:
                connection = server.accept()[0]
            except OSError:
                return
            threading.Thread(target=answer, args=(connection,), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()


@need()
class Faults(InBed):
    LATENCY = 0.02
    HOSTS, LINK = 3, Link("switch", 1e9, LATENCY)

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.device, cls.nobody = cls.bed.devices
        host, _, port = cls.device.inner_address.partition(":")
        echo_at(cls.device, host, int(port))

    def setUp(self) -> None:
        self.device.faults(delay=self.LATENCY, jitter=0, refuse=0, cut=0, corrupt=0, stall=False)

    def connected(self) -> socket.socket:
        connection = connect(self.bed.coordinator, self.device.ip, PORT)
        self.addCleanup(connection.close)
        return connection

    def assert_lost(self, connected: Callable[[], socket.socket]) -> None:
        """A reset right after the handshake may be met by connecting already, so that is done in here."""
        with self.assertRaises(ConnectionError), connected() as connection:
            if not connection.recv(1):
                raise ConnectionError("it ended in order")

    def round_trip(self, connection: socket.socket) -> float:
        begun = time.monotonic()
        connection.sendall(b"x" * 64)
        self.assertEqual(b"x" * 64, receive(connection, 64))
        return time.monotonic() - begun

    def test_latency_both_ways(self) -> None:
        connection = self.connected()
        times = [self.round_trip(connection) for _ in range(9)]
        self.assertGreaterEqual(min(times), 2 * self.LATENCY)
        self.assertLess(min(times), 2 * self.LATENCY + 0.005)

    def test_jitter(self) -> None:
        self.device.faults(delay=0, jitter=0.02)
        connection = self.connected()
        times = [self.round_trip(connection) for _ in range(20)]
        self.assertGreater(max(times) - min(times), 0.005)
        self.assertLess(statistics.median(times), 0.045)

    def test_stall(self) -> None:
        connection = self.connected()
        self.device.faults(stall=True)
        connection.sendall(b"y")
        connection.settimeout(0.3)
        self.assertRaises(TimeoutError, connection.recv, 1)
        self.device.faults(stall=False)
        connection.settimeout(10)
        self.assertEqual(b"y", connection.recv(1))

    def test_corrupt(self) -> None:
        connection = self.connected()
        self.device.faults(corrupt=1)
        connection.sendall(bytes(100))
        flipped = sum(byte.bit_count() for byte in receive(connection, 100))
        self.assertIn(flipped, (0, 2))  # there and back; the same bit twice is none

    def test_connections_are_lost(self) -> None:
        connection = self.connected()
        self.round_trip(connection)
        self.device.faults(cut=1)
        connection.sendall(b"z")
        self.assert_lost(lambda: connection)
        self.device.faults(cut=0, refuse=1)
        self.assert_lost(self.connected)

    def test_nobody_behind_the_proxy(self) -> None:
        self.assert_lost(lambda: connect(self.bed.coordinator, self.nobody.ip, PORT))


@need(quota=True)
class Quota(unittest.TestCase):
    def test_a_device_gets_its_share(self) -> None:
        burn = "import time\nend = time.monotonic() + 1\nwhile time.monotonic() < end: pass"
        with Bed(1, Link("switch", 1e9), cores=0.25) as bed:
            self.assertEqual(0, bed.devices[0].run(sys.executable, "-c", burn).returncode)
            self.assertGreater(bed.devices[0].cpu_seconds(), 0.1)
            self.assertLess(bed.devices[0].cpu_seconds(), 0.5)
            self.assertLess(bed.coordinator.cpu_seconds(), 0.05)


MAKES_A_BED = """
import sys, time
sys.path.insert(0, {!r})
from testbed import Bed, Link
bed = Bed(1, Link("switch", 1e9))
process = bed.devices[0].start("sleep", "1000")
print(bed.net.hosts[0], process.pid, flush=True)
time.sleep(1000)
"""


@need()
class Ends(unittest.TestCase):
    def start(self) -> tuple[subprocess.Popen, str, int]:
        maker = subprocess.Popen([sys.executable, "-c", MAKES_A_BED.format(str(Path(__file__).parents[1]))],
                                 stdout=subprocess.PIPE, text=True)
        self.addCleanup(maker.wait)
        self.addCleanup(maker.kill)
        self.addCleanup(maker.stdout.close)
        name, pid = maker.stdout.readline().split()
        return maker, name, int(pid)

    @staticmethod
    def exists(name: str) -> bool:
        groups = [top / name for top in Path("/sys/fs/cgroup").glob("cpu*")]
        return any(path.exists() for path in (Path("/run/netns") / name, *groups))

    def assert_ended(self, pid: int) -> None:
        for _ in range(200):
            status = Path(f"/proc/{pid}/stat")
            if not status.exists() or ") Z" in status.read_text():
                return
            time.sleep(0.01)
        self.fail(f"process {pid} still runs")

    def test_told_to_end(self) -> None:
        maker, name, pid = self.start()
        maker.send_signal(signal.SIGTERM)
        time.sleep(0.1)
        maker.send_signal(signal.SIGHUP)  # while it takes the bed down
        self.assertEqual(128 + signal.SIGTERM, maker.wait(20))
        self.assertFalse(self.exists(name))
        self.assert_ended(pid)

    def test_killed(self) -> None:
        clean = Path(__file__).with_name("clean.py")
        maker, name, pid = self.start()
        subprocess.run([sys.executable, clean], check=True, capture_output=True)
        self.assertTrue(self.exists(name))  # in use
        maker.kill()
        maker.wait()
        self.assert_ended(pid)
        self.assertTrue(self.exists(name))
        said = subprocess.run([sys.executable, clean], check=True, capture_output=True, text=True).stdout
        self.assertIn(f"removed {name}\n", said)
        self.assertFalse(self.exists(name))


if __name__ == "__main__":
    unittest.main()
