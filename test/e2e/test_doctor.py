"""lcp-run --doctor: how every device of a fleet is, and a line for each thing to mend."""

import http.server
import json
import os
import re
import shutil
import socket
import subprocess
import threading
import time
import unittest
from pathlib import Path

from lcp import tool
from workers import MODEL, Workers

CURVE = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")

WHOLE = """func.func @main(%x: tensor<1x8xf32> {lcp.name = "x"}) -> (tensor<1x8xf32> {lcp.name = "y"}) {
  %y = lcp.relu %x : tensor<1x8xf32>
  return %y : tensor<1x8xf32>
}
"""


class Page(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


class Doctor(Workers):
    def examine(self, cluster: Path, *flags: str | Path, well: bool = False) -> list[str]:
        """The blocks of its report, this machine's first, then a line in all. A machine that is busy
        with other tests has slow round trips now and then: it is asked again."""
        for _ in range(8):
            done = tool("lcp-run", "--doctor", f"--cluster={cluster}", *flags, timeout=60)
            if "round trips are slow" not in done.stdout and "its link is slow" not in done.stdout:
                break
        self.assertEqual(0 if well else 1, done.returncode, done.stdout + done.stderr)
        self.assertRegex(done.stderr, "^$" if well else r"^lcp-run: error: \S+: there is something to mend\n$")
        return done.stdout.split("\n\n")

    def certificates(self, name: str, days: int) -> Path:
        """A folder as --tls takes it, whose certificate ends after so many days; all of one authority."""
        ca, folder = self.folder / "ca", self.folder / name

        def openssl(*command: str | Path) -> None:
            subprocess.run(["openssl", *map(str, command)], check=True, capture_output=True)

        if not ca.exists():
            ca.mkdir()
            openssl("req", "-x509", *CURVE, "-days", "900", "-subj", "/CN=a", "-keyout", ca / "ca.key", "-out", ca / "ca.pem")
        folder.mkdir()
        (folder / "san").write_text(f"subjectAltName=DNS:{name},IP:127.0.0.1\n")
        openssl("req", *CURVE, "-subj", "/CN=d", "-keyout", folder / "key.pem", "-out", folder / "request")
        openssl("x509", "-req", "-in", folder / "request", "-CA", ca / "ca.pem", "-CAkey", ca / "ca.key",
                "-CAcreateserial", "-days", str(days), "-extfile", folder / "san", "-out", folder / "cert.pem")
        shutil.copy(ca / "ca.pem", folder)
        return folder

    def test_this_machine_as_a_device(self) -> None:
        cluster = self.folder / "local.yaml"
        cluster.write_text("workers:\n  - address: local\n")
        self.assertIn("computes     any branch", self.examine(cluster, self.bundle, well=True)[0])
        # Neither of the two has anybody to compute it here.
        other = "rpi4" if os.uname().machine == "x86_64" else "aws-t2.micro"
        self.succeed("lcp-compile", f"--target={other}", MODEL, "-o", self.folder / "other.fb")
        here, rest = self.examine(cluster, self.folder / "other.fb")
        self.assertRegex(here, r"  to mend      it cannot compute its branches: .*s0\.b0")
        self.assertIn("0 of 1 machines are well", rest)
        whole = self.folder / "whole.mlir"
        whole.write_text(WHOLE)
        self.succeed("lcp-compile", "--target=host", whole, "-o", self.folder / "whole.fb")
        self.assertIn("to mend: the bundle has no parallel stage", self.examine(cluster, self.folder / "whole.fb")[-1])

    def test_a_fleet_that_is_well(self) -> None:
        addresses = self.two_workers()
        here, first, second, last = self.examine(self.cluster_file(addresses), self.bundle, well=True)
        self.assertEqual("3 of 3 machines are well\n", last)
        self.assertRegex(here, r"^this machine\n  clock        \d{4}-\d\d-\d\d\n  runtime      lcp-run \S+, protocol 1")
        for branch, (address, block) in enumerate(zip(addresses, (first, second))):
            self.assertRegex(block, rf"^{re.escape(address)}\n  reached      yes, in plain text\n"
                                    r"  runtime      lcp-run \S+, protocol 1\n"
                                    r"  clock        [\d.]+ ms (ahead|behind) \(to within [\d.]+ ms\)\n"
                                    rf"  serves       two-stages.s0.b{branch}, two-stages.s1.b{branch} of bundle [0-9a-f]{{12}}\n"
                                    r"  round trip   p50 [\d.]+ ms, p95 [\d.]+ ms of 20\n"
                                    r"  bandwidth    \d+ Mbit/s to it, \d+ Mbit/s from it$")
        report = json.loads("".join(self.examine(self.cluster_file(addresses), self.bundle, "--json", well=True)))
        self.assertEqual(["this machine", *addresses], [machine["name"] for machine in report["machines"]])
        self.assertEqual((True, []), (report["well"], report["mend"]))
        self.assertIn("serves", report["machines"][1]["facts"])
        # The bundle may be left out.
        self.examine(self.cluster_file(addresses), well=True)
        self.assertIn("--doctor requires --cluster", self.refuse("lcp-run", "--doctor", lines=None))
        self.assertIn("missing.yaml", self.refuse("lcp-run", "--doctor", f"--cluster={self.folder}/missing.yaml"))

    def test_devices_that_are_dead_or_strange(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as hangs, \
                http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page) as page:
            threading.Thread(target=page.serve_forever, daemon=True).start()
            self.addCleanup(page.shutdown)
            with socket.create_server(("127.0.0.1", 0)) as gone:
                dead = f"127.0.0.1:{gone.getsockname()[1]}"
            addresses = [self.serve()[0], dead, f"127.0.0.1:{hangs.getsockname()[1]}", f"127.0.0.1:{page.server_port}"]
            start = time.monotonic()
            _, well, *others, last = self.examine(self.cluster_file(addresses), self.bundle, "--deadline-ms=1500")
            self.assertLess(time.monotonic() - start, 30)
        self.assertNotIn("to mend", well)
        for block, why in zip(others, ("nobody listens at that address; start lcp-run --serve there",
                                       "no answer before the deadline", "it ")):
            self.assertRegex(block, rf"\n  reached      no\n  to mend      {why}[^\n]*$")
        self.assertEqual("2 of 5 machines are well\n", last)

    def test_what_devices_serve(self) -> None:
        changed, other = self.folder / "other.mlir", self.folder / "other.fb"
        changed.write_text(MODEL.read_text().replace("dense<0.25>", "dense<0.75>"))
        self.succeed("lcp-compile", "--target=host", changed, "-o", other)
        addresses = [self.serve("--branch=0")[0], self.serve("--branch=0")[0], self.serve("--branch=1", bundle=other)[0]]
        cluster = self.folder / "cluster.yaml"
        cluster.write_text("workers:\n" + "".join(f"  - {{address: {a}, branches: [{b}]}}\n" for a, b in zip(addresses, (0, 1, 1))))
        _, first, second, third, last = self.examine(cluster, self.bundle)
        self.assertNotIn("to mend", first)
        self.assertIn("to mend      it does not serve branch 1: its --branch", second)
        self.assertIn("to mend      it serves another bundle; this one is", third)
        self.assertEqual("to mend: nobody serves branch 1\n2 of 4 machines are well\n", last)
        _, first, second, third, _ = self.examine(cluster)
        self.assertNotIn("to mend", first + second)
        self.assertIn("to mend      it serves another bundle than others, which have ", third)

    def test_certificates(self) -> None:
        own, good, ending = (self.certificates(name, days) for name, days in (("own", 800), ("good", 800), ("ending", 3)))
        addresses = [self.serve(f"--tls={good}")[0], self.serve(f"--tls={ending}")[0], self.serve()[0]]
        here, first, second, plain, last = self.examine(self.cluster_file(addresses), f"--tls={own}")
        self.assertRegex(here, r"\n  certificate  own, for (799|800) more days")
        self.assertRegex(first, r"\n  reached      yes, over TLS\n  certificate  good, for (799|800) more days\n")
        self.assertNotIn("to mend", here + first)
        self.assertRegex(second, r"\n  certificate  ending, for [23] more days\n")
        self.assertRegex(second, r"\n  to mend      its certificate ends on \d{4}-\d\d-\d\d: [^\n]+$")
        self.assertIn("\n  to mend      it does not use TLS, and we do", plain)
        self.assertEqual("2 of 4 machines are well\n", last)


if __name__ == "__main__":
    unittest.main()
