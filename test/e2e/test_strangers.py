"""Everybody who has no business with a worker, or has and misuses it: refused, in one line of
its log, and the worker goes on."""

import io
import resource
import shutil
import socket
import struct
import subprocess
import time
import unittest
from pathlib import Path

import numpy as np
from PIL import Image

from lcp import RUN, Case
from strangers import (DATA, END_HEADERS, HEADERS, PREFACE, RESET, SETTINGS, call_headers, connect, connect_tls, frame,
                       heard)

try:
    import grpc
    from tritonclient.grpc import service_pb2, service_pb2_grpc
except ImportError:
    grpc = None

MODEL = Path(__file__).parent / "Inputs/image.mlir"
BRANCH = "image.s0.b1"
INFER = "/inference.GRPCInferenceService/ModelInfer"
# Of a worker that refuses something: what one request takes, and allocators keep.
ROOM = 16 << 20


@unittest.skipUnless(grpc, "grpcio and tritonclient are not installed")
class Strangers(Case):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        folder = Case("setUp")
        folder.setUp()
        cls.addClassCleanup(folder.doCleanups)
        cls.shared = folder.folder
        cls.bundle = cls.shared / "image.fb"
        folder.succeed("lcp-compile", "--target=host", "--image=scale=0.00392157", MODEL, "-o", cls.bundle)
        cluster = cls.shared / "cluster.yaml"
        cluster.write_text("workers:\n  - address: 127.0.0.1:1\n  - address: 192.0.2.1:1\n")
        for owner in ("ours", "theirs"):
            folder.succeed("lcp-run", f"--make-certs={cls.shared / owner}", f"--cluster={cluster}")
        folder.succeed("lcp-run", f"--make-certs={cls.shared / 'ours'}", "--revoke=192.0.2.1")
        cls.ours, cls.revoked = cls.shared / "ours/127.0.0.1", cls.shared / "ours/192.0.2.1"

    def setUp(self) -> None:
        super().setUp()
        self.log = self.folder / "log"
        command = [RUN, "--serve=127.0.0.1:0", self.bundle, "--branch=1", f"--tls={self.ours}"]
        with self.log.open("w") as log:
            self.worker = subprocess.Popen([*map(str, command)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                           stderr=log, text=True)
        self.addCleanup(self.stop)
        self.address = self.worker.stdout.readline().split()[1]
        self.stub = self.friend()
        self.assert_answers(self.stub)

    def stop(self) -> None:
        self.worker.kill()
        self.worker.communicate()

    def channel(self) -> "grpc.Channel":
        credentials = grpc.ssl_channel_credentials(*((self.ours / name).read_bytes()
                                                     for name in ("ca.pem", "key.pem", "cert.pem")))
        channel = grpc.secure_channel(self.address, credentials)
        self.addCleanup(channel.close)
        return channel

    def friend(self) -> "service_pb2_grpc.GRPCInferenceServiceStub":
        return service_pb2_grpc.GRPCInferenceServiceStub(self.channel())

    @staticmethod
    def request(shape: tuple[int, ...] = (1, 3, 8, 8), data: bytes = np.ones(192, np.float32).tobytes(),
                datatype: str = "FP32") -> "service_pb2.ModelInferRequest":
        request = service_pb2.ModelInferRequest(model_name=BRANCH)
        request.inputs.add(name="x", datatype=datatype).shape.extend(shape)
        request.raw_input_contents.append(data)
        return request

    def assert_answers(self, stub: "service_pb2_grpc.GRPCInferenceServiceStub") -> None:
        answer = stub.ModelInfer(self.request(), timeout=10)
        self.assertEqual(np.full(2, 48, np.float32).tobytes(), answer.raw_output_contents[0])

    def assert_goes_on(self, *words: str) -> None:
        """The log says all of this, and the worker answers: those who know it, and who come."""
        end = time.monotonic() + 5
        while not all(word in self.log.read_text() for word in words) and time.monotonic() < end:
            time.sleep(0.01)
        for word in words:
            self.assertIn(word, self.log.read_text())
        for stub in (self.stub, self.friend()):
            self.assert_answers(stub)
        self.assertIsNone(self.worker.poll())

    def memory(self) -> int:
        """The most bytes that the worker ever had."""
        status = Path(f"/proc/{self.worker.pid}/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0]) << 10

    def refusal(self, request: "service_pb2.ModelInferRequest") -> str:
        with self.assertRaises(grpc.RpcError) as refused:
            self.stub.ModelInfer(request, timeout=10)
        self.assertEqual(grpc.StatusCode.INVALID_ARGUMENT, refused.exception.code(), refused.exception.details())
        return refused.exception.details()

    def assert_turned_away(self, certificate: Path | None, why: str) -> None:
        with connect_tls(self.address, certificate) as stranger:
            self.assertNotIn(b"\0\0\0\4\1\0\0\0\0", heard(stranger))  # no HTTP/2
        self.assert_goes_on(" was turned away: " + why)

    def test_no_certificate(self) -> None:
        self.assert_turned_away(None, "it showed no certificate")

    def test_a_certificate_of_another_authority(self) -> None:
        self.assert_turned_away(self.shared / "theirs/127.0.0.1", "its certificate was not signed by our ca.pem")

    def test_an_expired_certificate(self) -> None:
        expired = self.folder / "expired"
        shutil.copytree(self.ours, expired)
        authority = self.shared / "ours/authority"
        for command in (["req", "-new", "-key", "key.pem", "-subj", "/CN=late", "-out", "request.pem"],
                        ["x509", "-req", "-in", "request.pem", "-CA", authority / "ca.pem", "-CAkey",
                         authority / "ca.key", "-set_serial", "9", "-days", "-1", "-out", "cert.pem"]):
            subprocess.run(["openssl", *command], cwd=expired, check=True, capture_output=True)
        self.assert_turned_away(expired, "its certificate has expired")

    def test_a_revoked_certificate(self) -> None:
        self.assert_turned_away(self.revoked, "its certificate was revoked by our crl.pem")

    def test_plain_text(self) -> None:
        with connect(self.address) as stranger:
            stranger.sendall(PREFACE + frame(SETTINGS, 0, 0, b""))
            heard(stranger)
        self.assert_goes_on(" was turned away: it does not use TLS, and we do")

    def test_a_port_scanner(self) -> None:
        for probe in (b"", b"\r\n\r\n", b"GET / HTTP/1.0\r\n\r\n", b"SSH-2.0-scan\r\n", bytes(64),
                      b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03", b"\x80\x2e\x01\x00\x02"):
            with connect(self.address) as stranger:
                stranger.sendall(probe)
                stranger.shutdown(socket.SHUT_WR)
                heard(stranger)
        self.assert_goes_on(" was turned away: it closed the connection", " was turned away: it does not use TLS")

    def test_a_frame_of_four_gigabytes(self) -> None:
        """A message that claims as much; the frames of HTTP/2 have at most 16 MiB, ours 16 KiB."""
        before = self.memory()
        with connect_tls(self.address, self.ours) as peer:
            peer.sendall(PREFACE + frame(SETTINGS, 0, 0, b"") + frame(HEADERS, END_HEADERS, 1, call_headers(INFER)) +
                         frame(DATA, 0, 1, struct.pack(">BI", 0, 0xFFFFFFFF) + bytes(1000)))
            self.assertIn(struct.pack(">BBI", RESET, 0, 1), heard(peer, struct.pack(">BBI", RESET, 0, 1)))
        with connect_tls(self.address, self.ours) as peer:
            peer.sendall(PREFACE + b"\xff\xff\xff" + struct.pack(">BBI", DATA, 0, 1))
            heard(peer)
        self.assert_goes_on(": a call was refused: a message of 4294967295 bytes", "it broke HTTP/2's rules")
        self.assertLess(self.memory(), before + ROOM)

    def test_lying_shapes(self) -> None:
        before = self.memory()
        for shape in ((), (192,), (1, 3, 8, 9), (1, 3, -8, -8), (1, 3, 8, 0), (1 << 62, 1 << 62, 8, 8), (1,) * 1000):
            self.assertIn("'x'", self.refusal(self.request(shape)))
        for size in (0, 1, 767, 769, 4000):
            self.assertIn("bytes", self.refusal(self.request(data=bytes(size))))
        self.assert_goes_on(": a call was refused: tensor 'x'")
        self.assertLess(self.memory(), before + ROOM)

    def test_a_bomb_of_a_jpeg(self) -> None:
        before = self.memory()
        for width, height, why in ((60000, 60000, "the image claims 60000x60000 pixels; at most"),
                                   (5000, 5000, "the image claims 5000x5000 pixels, for which its 1024 bytes are too few")):
            bomb = jpeg_claiming(width, height).ljust(1024, b"\0")
            self.assertIn(why, self.refusal(self.request((1,), struct.pack("<I", len(bomb)) + bomb, "BYTES")))
        self.assert_goes_on(": a call was refused: input 'x': the image claims 60000x60000 pixels")
        self.assertLess(self.memory(), before + ROOM)

    def test_ten_thousand_half_open_connections(self) -> None:
        count = 10000
        limit = resource.getrlimit(resource.RLIMIT_NOFILE)
        if limit[1] < count + 500:
            self.skipTest(f"ulimit -n is {limit[1]}, {count + 500} are needed")
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit[1], limit[1]))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, limit)
        before = self.memory()
        strangers = []
        self.addCleanup(lambda: [stranger.close() for stranger in strangers])
        for number in range(count):
            strangers.append(connect(self.address))
            if number % 2:
                strangers[-1].sendall(b"\x16\x03\x01")  # a handshake begins so
        self.assert_goes_on("it had not shown who it is and others wait")
        self.assertLess(self.memory(), before + ROOM)
        lines = self.log.read_text().count("\n")
        self.assertLess(lines, 200, "the log is flooded")

    def test_a_shard_that_nobody_asked_for(self) -> None:
        push = self.channel().unary_unary("/lcp.ShardExchange/Push")
        message = b"\x0a\x01r\x12\x03key\x1a\x04FP32\x20\x01\x2a\x04" + bytes(4)  # request_id, key, datatype, shape, contents
        with self.assertRaises(grpc.RpcError) as refused:
            push(message, timeout=10)
        self.assertEqual(grpc.StatusCode.NOT_FOUND, refused.exception.code(), refused.exception.details())
        self.assert_goes_on(": a call was refused: shard 'key': no inference here asks for it")


def jpeg_claiming(width: int, height: int) -> bytes:
    """A small image whose header says another size."""
    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, "JPEG")
    data = bytearray(out.getvalue())
    at = data.index(b"\xff\xc0") + 5
    data[at:at + 4] = struct.pack(">HH", height, width)
    return bytes(data)


if __name__ == "__main__":
    unittest.main()
