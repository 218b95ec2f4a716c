"""Workers and coordinators as processes, and what goes wrong between them: one line
that names the worker, status not 0, and soon."""

import http.server
import json
import os
import re
import resource
import shutil
import signal
import subprocess
import threading
import time
import unittest
import urllib.request
from pathlib import Path

import numpy as np

from lcp import RUN, tool
from workers import MODEL, Workers


class Processes(Workers):
    def test_worker_is_killed_during_a_run_and_started_again(self) -> None:
        addresses = self.two_workers()
        cluster = self.cluster_file(addresses)
        run = subprocess.Popen([str(RUN), str(self.bundle), f"--cluster={cluster}", "--benchmark",
                                "--min-time=60"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(run.kill)
        time.sleep(0.5)
        self.assertIsNone(run.poll())
        self.servers[1].kill()
        start = time.monotonic()
        said = run.communicate(timeout=15)[1]
        self.assertLess(time.monotonic() - start, 12)
        self.assertEqual(1, run.returncode)
        self.assertRegex(said, rf"^lcp-run: error: worker {re.escape(addresses[1])}: [^\n]+\n$")
        self.assertNotIn("--tls", said)  # it spoke to us before
        said = self.refused(cluster)
        self.assertIn(f"worker {addresses[1]} cannot be reached", said)
        self.serve("--branch=1", at=addresses[1])
        alone = self.run_bundle(self.bundle, self.input)
        self.assertTrue(np.array_equal(alone, self.run_bundle(self.bundle, self.input, f"--cluster={cluster}")))

    def test_every_missing_worker_has_its_line(self) -> None:
        cluster = self.cluster_file(["127.0.0.1:1", "127.0.0.1:2"])
        done = tool("lcp-run", self.bundle, f"--cluster={cluster}", f"--input={self.input_file}")
        self.assertEqual(1, done.returncode)
        lines = done.stderr.splitlines()
        self.assertEqual(2, len(lines), done.stderr)
        for port, line in zip((1, 2), lines):
            self.assertTrue(line.startswith(f"lcp-run: error: worker 127.0.0.1:{port} cannot be reached"), line)

    def test_deadline(self) -> None:
        addresses = self.two_workers()
        self.servers[0].send_signal(signal.SIGSTOP)
        start = time.monotonic()
        said = self.refused(self.cluster_file(addresses), "--deadline-ms=2000")
        self.assertLess(time.monotonic() - start, 8)
        self.assertIn(f"worker {addresses[0]} cannot be reached", said)

    def test_log_of_a_coordinator_that_is_served(self) -> None:
        addresses = self.two_workers()
        own, _ = self.serve(f"--cluster={self.cluster_file(addresses)}", "--log-json")
        log = self.servers[-1].stderr
        self.servers[1].kill()
        lost = json.loads(log.readline())
        self.assertEqual({"time", "server", "message"}, set(lost))
        self.assertEqual(own, lost["server"])
        self.assertRegex(lost["time"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
        self.assertTrue(lost["message"].startswith(f"worker {addresses[1]}"), lost)
        self.servers[1].wait()
        self.serve("--branch=1", at=addresses[1])
        while json.loads(log.readline() or "{}").get("message") != "all workers are back":
            self.assertIsNone(self.servers[2].poll())

    def test_worker_of_another_build(self) -> None:
        other = self.folder / "other.mlir"
        other.write_text(MODEL.read_text().replace("dense<0.25>", "dense<0.75>"))
        self.succeed("lcp-compile", "--target=host", other, "-o", self.folder / "other.fb")
        address = self.serve(bundle=self.folder / "other.fb")[0]
        said = self.refused(self.cluster_file([address]))
        self.assertIn(f"worker {address} serves two-stages.s0.b0 from another bundle", said)

    def test_branch_that_nobody_serves(self) -> None:
        address = self.serve("--branch=0")[0]
        self.assertIn("no worker serves branch 1", self.refused(self.cluster_file([address])))
        self.assertIn("there is no branch 2; two-stages has 0 to 1",
                      self.refuse("lcp-run", "--serve=127.0.0.1:0", self.bundle, "--branch=2"))
        self.assertIn("made for another device",
                      self.refuse("lcp-run", "--serve=127.0.0.1:0", self.folder / "two-stages.b0.fb", "--branch=1"))

    def test_not_a_worker(self) -> None:
        class Quiet(http.server.BaseHTTPRequestHandler):
            def log_message(self, *_: object) -> None:
                pass

        web = http.server.HTTPServer(("127.0.0.1", 0), Quiet)
        self.addCleanup(web.server_close)
        threading.Thread(target=web.serve_forever, daemon=True).start()
        self.addCleanup(web.shutdown)
        address = f"127.0.0.1:{web.server_port}"
        self.assertIn(f"worker {address}", self.refused(self.cluster_file([address]), "--deadline-ms=2000"))

    def test_port_in_use(self) -> None:
        address = self.serve()[0]
        said = self.refuse("lcp-run", f"--serve={address}", self.bundle)
        self.assertIn(f"cannot listen on {address}: Address already in use", said)

    def test_stops_in_order(self) -> None:
        for sent in (signal.SIGTERM, signal.SIGINT):
            self.serve()
            self.servers[-1].send_signal(sent)
            self.assertEqual(0, self.servers[-1].wait(timeout=10))

    def test_golden_outputs_hold_over_a_cluster(self) -> None:
        golden = self.folder / "golden.fb"
        self.succeed("lcp-compile", "--target=host", f"--golden={self.input_file}", MODEL, "-o", golden)
        cluster = self.cluster_file([self.serve(f"--branch={b}", bundle=golden)[0] for b in range(2)])
        self.assertIn("ok", self.succeed("lcp-run", golden, f"--cluster={cluster}", "--verify").stdout)

    def test_benchmark_counts_bytes(self) -> None:
        cluster = self.cluster_file(self.two_workers())
        done = self.succeed("lcp-run", self.bundle, f"--cluster={cluster}", "--benchmark", "--min-time=0.1", "--json")
        report = json.loads(done.stdout)
        self.assertGreater(report["benchmark"]["median_ms"], 0)
        # Both workers get the input of 32 bytes, and send 16 back; names and
        # shapes come on top.
        self.assertGreater(report["traffic"]["sent_bytes"], 64)
        self.assertLess(report["traffic"]["sent_bytes"], 2000)
        self.assertGreater(report["traffic"]["received_bytes"], 32)


@unittest.skipIf("ASAN_OPTIONS" in os.environ, "AddressSanitizer itself needs address space and a thread")
class Limits(Workers):
    """Too little of what the system gives: a line and a status, never silence or a signal."""

    def end(self, *flags: str, limit: int, most: int, user: int | None = None) -> subprocess.CompletedProcess[str]:
        """Runs with a limit on a resource; a server counts as ended once it is ready."""
        command = [str(RUN), str(self.bundle), *flags]
        run = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               text=True, user=user, preexec_fn=lambda: resource.setrlimit(limit, (most, most)))
        self.addCleanup(run.communicate)
        self.addCleanup(run.kill)
        if run.stdout.readline().startswith("ready "):
            run.send_signal(signal.SIGTERM)
        said = run.communicate(timeout=20)[1]
        # With so little, the constructors of protobuf's library fail, before anything of ours runs.
        before_main = limit == resource.RLIMIT_AS and most < 20 << 20 and said.startswith("terminate called without")
        self.assertIn(run.returncode, (0, 1, 127, -6) if before_main else (0, 1, 127), f"{most}: {said}")  # 127: by the loader
        self.assertEqual(run.returncode != 0, bool(said), f"{most}: {said}")
        self.assertLessEqual(len(said.splitlines()), 1, f"{most}: {said}")
        return run

    def test_memory(self) -> None:
        for flags in (["--serve=127.0.0.1:0"], ["--benchmark", "--iterations=1", "--min-time=0", "--threads=8"]):
            ends = [self.end(*flags, limit=resource.RLIMIT_AS, most=kib << 10).returncode
                    for kib in (*range(10000, 60000, 4000), *range(60000, 160000, 10000), 1000000)]
            self.assertNotEqual(0, ends[0])
            self.assertEqual(0, ends[-1])

    def test_threads(self) -> None:
        user = 65534 if os.geteuid() == 0 else None  # root has no such limit
        self.folder.chmod(0o755)
        try:
            self.end("--benchmark", "--iterations=1", "--min-time=0", "--threads=1", limit=resource.RLIMIT_NPROC,
                     most=1000, user=user)
        except PermissionError:
            self.skipTest(f"user {user} may not run {RUN}")
        for flags in (["--serve=127.0.0.1:0"], ["--benchmark", "--threads=4"]):
            self.assertEqual(1, self.end(*flags, limit=resource.RLIMIT_NPROC, most=1, user=user).returncode)


class Replaced(Workers):
    """A bundle's file is written over, or cut short, under a running worker."""

    def test_in_place(self) -> None:
        cluster = self.cluster_file(self.two_workers())
        alone = self.run_bundle(self.bundle, self.input)
        coordinator = self.folder / "coordinator.fb"
        shutil.copy(self.bundle, coordinator)
        size = self.bundle.stat().st_size
        for contents in (b"", b"\xff" * size, b"\x00" * (size * 2), b"x"):
            with self.bundle.open("r+b") as file:  # as scp does
                file.truncate()
                file.write(contents)
            together = self.run_bundle(coordinator, self.input, f"--cluster={cluster}")
            self.assertTrue(np.array_equal(alone, together))
        self.assertTrue(all(server.poll() is None for server in self.servers))
        self.assertIn(str(self.bundle), self.refuse("lcp-run", "--serve=127.0.0.1:0", self.bundle))


class Metrics(Workers):
    def test_page(self) -> None:
        server = subprocess.Popen([str(RUN), "--serve=127.0.0.1:0", "--metrics=127.0.0.1:0", str(self.bundle)],
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.servers.append(server)
        page = server.stdout.readline().split()
        self.assertEqual("metrics", page[0])
        self.assertTrue(server.stdout.readline().startswith("ready "))
        with urllib.request.urlopen(f"http://{page[1]}/metrics", timeout=10) as response:
            self.assertTrue(response.headers["Content-Type"].startswith("text/plain; version=0.0.4"))
            lines = response.read().decode().splitlines()
        self.assertIn("lcp_queue_length 0", lines)
        self.assertTrue(any(re.fullmatch(r'lcp_ready\{model="two-stages",version="[0-9a-f]{64}"\} 1', line)
                            for line in lines), lines)
        for line in lines:  # the text form
            self.assertRegex(line, r"^# (HELP|TYPE) \w+ .|^\w+(\{\w+=\"[^\"]*\"(,\w+=\"[^\"]*\")*\})? [0-9.e+-]+$")


class Tls(Workers):
    def setUp(self) -> None:
        super().setUp()
        for owner in ("ours", "theirs"):
            self.make_authority(self.folder / owner)

    @staticmethod
    def make_authority(folder: Path) -> None:
        """A folder as --tls takes it, with an authority of its own."""
        folder.mkdir()
        (folder / "san").write_text("subjectAltName=IP:127.0.0.1\n")
        key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        for command in (["req", "-x509", *key, "-days", "2", "-subj", "/CN=authority", "-keyout", "ca.key",
                         "-out", "ca.pem"],
                        ["req", *key, "-subj", "/CN=device", "-keyout", "key.pem", "-out", "device.csr"],
                        ["x509", "-req", "-in", "device.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
                         "-CAcreateserial", "-days", "2", "-extfile", "san", "-out", "cert.pem"]):
            subprocess.run(["openssl", *command], cwd=folder, check=True, capture_output=True)

    def test_only_those_of_one_authority_talk(self) -> None:
        ours, theirs = self.folder / "ours", self.folder / "theirs"
        cluster = self.cluster_file(self.two_workers(f"--tls={ours}"))
        alone = self.run_bundle(self.bundle, self.input)
        together = self.run_bundle(self.bundle, self.input, f"--cluster={cluster}", f"--tls={ours}")
        self.assertTrue(np.array_equal(alone, together))
        for cause, flags in (("is --tls=DIR missing here", []),
                             ("not signed by our ca.pem", [f"--tls={theirs}"]),
                             ("does its ca.pem stand for our", [f"--tls={self.spy()}"])):
            done = tool("lcp-run", self.bundle, f"--cluster={cluster}", f"--input={self.input_file}",
                        "--deadline-ms=3000", *flags)
            self.assertEqual(1, done.returncode, done.stderr)
            lines = done.stderr.splitlines()
            self.assertEqual(2, len(lines), done.stderr)
            for line in lines:
                self.assertIn(cause, line)

    def sign(self, name: str, extensions: str) -> Path:
        """A folder with another certificate of our authority."""
        folder = self.folder / name
        shutil.copytree(self.folder / "ours", folder)
        (folder / "extensions").write_text(extensions)
        subprocess.run(["openssl", "x509", "-req", "-in", "device.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
                        "-CAcreateserial", "-days", "2", "-extfile", "extensions", "-out", "cert.pem"],
                       cwd=folder, check=True, capture_output=True)
        return folder

    def revoke(self, folder: Path) -> None:
        """Our authority takes the certificate of this folder back; the list is in ours/crl.pem."""
        ours = self.folder / "ours"
        (ours / "index").touch()
        (ours / "number").write_text("01\n")
        (ours / "ca.cnf").write_text("[ca]\ndefault_ca=ours\n[ours]\ndatabase=index\ncrlnumber=number\n"
                                     "default_md=sha256\ndefault_crl_days=2\nprivate_key=ca.key\ncertificate=ca.pem\n")
        for command in (["-revoke", folder / "cert.pem"], ["-gencrl", "-out", "new.pem"]):
            subprocess.run(["openssl", "ca", "-config", "ca.cnf", *command], cwd=ours, check=True, capture_output=True)
        (ours / "new.pem").rename(ours / "crl.pem")

    def test_a_device_is_revoked_while_workers_run(self) -> None:
        ours = self.folder / "ours"
        lost = self.sign("lost", "subjectAltName=IP:127.0.0.1\n")
        cluster = self.cluster_file(self.two_workers(f"--tls={ours}"))
        self.run_bundle(self.bundle, self.input, f"--cluster={cluster}", f"--tls={lost}")
        (ours / "key.pem").rename(ours / "aside.pem")  # as if only half were copied: nothing changes
        self.assertIn("stay what they were", self.servers[0].stderr.readline())
        self.run_bundle(self.bundle, self.input, f"--cluster={cluster}", f"--tls={lost}")
        (ours / "aside.pem").rename(ours / "key.pem")
        self.revoke(lost)
        for server in self.servers:
            while "read again" not in (line := server.stderr.readline()):
                self.assertIn("stay what they were", line)
        self.refused(cluster, f"--tls={lost}", "--deadline-ms=3000", lines=2)
        self.run_bundle(self.bundle, self.input, f"--cluster={cluster}", f"--tls={ours}")

    def test_who_may_ask(self) -> None:
        ours = self.folder / "ours"
        coordinator = self.sign("coordinator", "subjectAltName=DNS:coordinator\n")
        only_serves = self.sign("only-serves", "subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth\n")
        cluster = self.cluster_file(self.two_workers(f"--tls={only_serves}", "--allow=coordinator,other"))
        self.run_bundle(self.bundle, self.input, f"--cluster={cluster}", f"--tls={coordinator}")
        for stranger, cause in ((ours, "may not ask here"), (only_serves, "")):
            done = tool("lcp-run", self.bundle, f"--cluster={cluster}", f"--input={self.input_file}",
                        "--deadline-ms=3000", f"--tls={stranger}")
            self.assertEqual(1, done.returncode)
            self.assertIn(cause, done.stderr)
        self.assertIn("--allow requires --tls", self.refuse("lcp-run", "--serve=127.0.0.1:0", self.bundle,
                                                             "--allow=x", lines=None))

    def spy(self) -> Path:
        """A certificate of theirs, with our authority to check us."""
        folder = self.folder / "spy"
        shutil.copytree(self.folder / "theirs", folder)
        with (folder / "ca.pem").open("ab") as out:
            out.write((self.folder / "ours/ca.pem").read_bytes())
        return folder

    def test_beyond_loopback(self) -> None:
        ours = self.folder / "ours"
        self.assertIn("--allow-unsigned", self.refuse("lcp-run", "--serve=0.0.0.0:0", self.bundle, f"--tls={ours}"))
        self.assertIn("--tls=DIR", self.refuse("lcp-run", "--serve=0.0.0.0:0", self.bundle, "--allow-unsigned"))
        address = self.serve(f"--tls={ours}", "--allow-unsigned", at="0.0.0.0:0")[0]
        cluster = self.cluster_file([address.replace("0.0.0.0", "127.0.0.1")])
        self.run_bundle(self.bundle, self.input, f"--cluster={cluster}", f"--tls={ours}")
        named = self.cluster_file([address.replace("0.0.0.0", "localhost")])
        self.assertIn("its certificate is for another address", self.refused(named, f"--tls={ours}"))
        plain = self.cluster_file([self.serve()[0]])
        self.assertIn("it does not use TLS, and we do", self.refused(plain, f"--tls={ours}"))
        self.assertIn("is on another machine: that needs --tls", self.refused(self.cluster_file(["192.0.2.1:9"])))

    def test_folder_that_is_wrong(self) -> None:
        mixed = self.folder / "mixed"
        mixed.mkdir()
        for name, owner in (("ca.pem", "ours"), ("cert.pem", "ours"), ("key.pem", "theirs")):
            (mixed / name).write_bytes((self.folder / owner / name).read_bytes())
        self.assertIn("key.pem: not the key of the certificate",
                      self.refuse("lcp-run", "--serve=127.0.0.1:0", self.bundle, f"--tls={mixed}"))


if __name__ == "__main__":
    unittest.main()
