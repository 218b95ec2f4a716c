"""Google's gRPC on either end of ours: whether runtime/rpc speaks the protocol is
for it to say."""

import subprocess
import threading
import time
import unittest
from collections.abc import Callable
from concurrent import futures
from pathlib import Path

from lcp import BIN, Case

try:
    import grpc
except ImportError:
    grpc = None

SIZES = (0, 1, 5, 16384, 300_000, 3_000_000)


def message(size: int) -> bytes:
    return bytes(i * 7 % 251 for i in range(size))


class Certificates:
    """A folder as --tls takes it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        (folder / "san").write_text("subjectAltName=IP:127.0.0.1\n")
        key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
        for command in (f"req -x509 {key} -days 2 -subj /CN=authority -keyout ca.key -out ca.pem",
                        f"req {key} -subj /CN=device -keyout key.pem -out device.csr",
                        "x509 -req -in device.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2"
                        " -extfile san -out cert.pem"):
            subprocess.run(["openssl", *command.split()], cwd=folder, check=True, capture_output=True)
        self.authority, self.certificate, self.key = ((folder / f"{n}.pem").read_bytes()
                                                      for n in ("ca", "cert", "key"))


@unittest.skipUnless(grpc, "grpcio is not installed")
class TheirClient(Case):
    """Google's channel, our server."""

    def serve(self, *arguments: str | Path) -> subprocess.Popen:
        server = subprocess.Popen([str(BIN / "lcp-rpc-peer"), "serve", *map(str, arguments)],
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.addCleanup(server.wait)
        self.addCleanup(server.stdin.close)
        self.addCleanup(server.stdout.close)
        self.address = server.stdout.readline().strip()
        return server

    def channel(self, certificates: Certificates | None = None) -> "grpc.Channel":
        options = [("grpc.max_receive_message_length", 16 << 20)]
        channel = grpc.insecure_channel(self.address, options) if not certificates else grpc.secure_channel(
            self.address, grpc.ssl_channel_credentials(certificates.authority, certificates.key,
                                                       certificates.certificate), options)
        self.addCleanup(channel.close)
        return channel

    def method(self, name: str, channel: "grpc.Channel | None" = None) -> "Callable":
        return (channel or self.channel()).unary_unary(f"/test.Peer/{name}")

    def test_messages_of_every_size(self) -> None:
        self.serve()
        echo = self.method("Echo")
        for size in SIZES:
            self.assertEqual(message(size), echo(message(size), timeout=20))

    def test_mutual_tls(self) -> None:
        ours = Certificates(self.folder / "ours")
        self.serve(ours.folder)
        echo = self.method("Echo", self.channel(ours))
        for size in SIZES:
            self.assertEqual(message(size), echo(message(size), timeout=20))
        stranger = self.method("Echo", self.channel(Certificates(self.folder / "theirs")))
        with self.assertRaises(grpc.RpcError) as refused:
            stranger(b"x", timeout=5)
        self.assertEqual(grpc.StatusCode.UNAVAILABLE, refused.exception.code())

    def test_errors(self) -> None:
        self.serve()
        with self.assertRaises(grpc.RpcError) as refused:
            self.method("Refuse")("50 % of\n'größe' differs".encode(), timeout=5)
        self.assertEqual(grpc.StatusCode.FAILED_PRECONDITION, refused.exception.code())
        self.assertEqual("50 % of\n'größe' differs", refused.exception.details())
        with self.assertRaises(grpc.RpcError) as unknown:
            self.channel().unary_unary("/other.Peer/Echo")(b"x", timeout=5)
        self.assertEqual(grpc.StatusCode.UNIMPLEMENTED, unknown.exception.code())
        with self.assertRaises(grpc.RpcError) as long:
            self.method("Echo")(message(9 << 20), timeout=20)
        self.assertEqual(grpc.StatusCode.RESOURCE_EXHAUSTED, long.exception.code())

    def test_deadline_and_cancelling(self) -> None:
        server = self.serve()
        wait = self.method("Wait")
        with self.assertRaises(grpc.RpcError) as late:
            wait(b"x", timeout=0.2)
        self.assertEqual(grpc.StatusCode.DEADLINE_EXCEEDED, late.exception.code())
        self.assertEqual("cancelled\n", server.stdout.readline())
        call = wait.future(b"x", timeout=1e9)  # thirty years
        time.sleep(0.2)
        call.cancel()
        self.assertEqual("cancelled\n", server.stdout.readline())

    def test_many_calls_at_a_time(self) -> None:
        self.serve()
        echo = self.method("Echo")
        calls = [echo.future(message(i), timeout=20) for i in range(300)]
        for i, call in enumerate(calls):
            self.assertEqual(message(i), call.result())

    def test_compression_is_refused(self) -> None:
        self.serve()
        with self.assertRaises(grpc.RpcError) as refused:
            self.method("Echo")(bytes(10000), timeout=5, compression=grpc.Compression.Gzip)
        self.assertEqual(grpc.StatusCode.UNIMPLEMENTED, refused.exception.code())


@unittest.skipUnless(grpc, "grpcio is not installed")
class TheirServer(Case):
    """Our channel, Google's server."""

    LONG = 6  # seconds

    def serve(self, certificates: Certificates | None = None) -> str:
        def sleep(request: bytes, context: "grpc.ServicerContext") -> bytes:
            time.sleep(self.LONG)
            return b"slept"

        def refuse(request: bytes, context: "grpc.ServicerContext") -> bytes:
            context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, request.decode())

        def wait(request: bytes, context: "grpc.ServicerContext") -> bytes:
            context.add_callback(self.cancelled.set)
            self.cancelled.wait(20)
            return b""

        self.cancelled = threading.Event()
        calls = {"Echo": lambda request, context: request, "Refuse": refuse, "Wait": wait, "Sleep": sleep}
        handlers = {name: grpc.unary_unary_rpc_method_handler(call) for name, call in calls.items()}
        server = grpc.server(futures.ThreadPoolExecutor(4), options=[("grpc.max_receive_message_length", 16 << 20)])
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("test.Peer", handlers),))
        if certificates:
            credentials = grpc.ssl_server_credentials([(certificates.key, certificates.certificate)],
                                                      certificates.authority, require_client_auth=True)
            port = server.add_secure_port("127.0.0.1:0", credentials)
        else:
            port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        self.addCleanup(server.stop, 0)
        return f"127.0.0.1:{port}"

    def call(self, address: str, method: str, request: bytes, milliseconds: int = 20000,
             *tls: Path, again: bool = False) -> tuple[bytes, str]:
        """The answer and the error. `again`: a call whose connection is lost is made once more."""
        done = subprocess.run([str(BIN / "lcp-rpc-peer"), "call-again" if again else "call", address, f"/test.Peer/{method}", str(milliseconds),
                               *map(str, tls)], input=request, capture_output=True, timeout=60)
        return done.stdout, done.stderr.decode().strip()

    def test_messages_of_every_size(self) -> None:
        address = self.serve()
        for size in SIZES:
            self.assertEqual((message(size), ""), self.call(address, "Echo", message(size)))

    def test_mutual_tls(self) -> None:
        ours, theirs = Certificates(self.folder / "ours"), Certificates(self.folder / "theirs")
        address = self.serve(ours)
        self.assertEqual((message(300_000), ""),
                         self.call(address, "Echo", message(300_000), 20000, ours.folder))
        self.assertIn("not signed by our ca.pem", self.call(address, "Echo", b"x", 5000, theirs.folder)[1])
        self.assertIn("unavailable", self.call(address, "Echo", b"x", 5000)[1])

    def test_errors(self) -> None:
        address = self.serve()
        self.assertEqual((b"", "resource exhausted: 50 % of it"), self.call(address, "Refuse", b"50 % of it"))
        self.assertRegex(self.call(address, "Other", b"x")[1], "^unsupported: ")

    def test_deadline(self) -> None:
        address = self.serve()
        self.assertRegex(self.call(address, "Wait", b"x", 300)[1], "^deadline exceeded: ")
        self.assertTrue(self.cancelled.wait(5))

    def test_a_server_that_wants_few_pings(self) -> None:
        """It takes three in five minutes, and ends the connection at the next: of that the second call must
        know, which takes longer than four of ours."""
        begin = time.monotonic()
        self.assertEqual((b"slept", ""), self.call(self.serve(), "Sleep", b"", again=True))
        self.assertGreater(time.monotonic() - begin, self.LONG + 2)


if __name__ == "__main__":
    unittest.main()
