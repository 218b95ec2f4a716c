"""Worker processes and a coordinator, as a user starts them."""

import subprocess
import time
import unittest
from pathlib import Path

import numpy as np

from lcp import MODELS, RUN, Case, random_image, tool

SPLIT = MODELS / "lenet-digits-split4.onnx"


class Cluster(Case):
    def setUp(self) -> None:
        super().setUp()
        self.bundle = self.compile(SPLIT)
        self.image = random_image((1, 1, 28, 28))
        self.workers: list[subprocess.Popen] = []
        self.addCleanup(self.stop)

    def stop(self) -> None:
        for worker in self.workers:
            worker.kill()
            worker.communicate()

    def serve(self, *flags: str | Path) -> int:
        """Starts a worker on a free port, which it names on its first line."""
        worker = subprocess.Popen([str(RUN), "--serve=127.0.0.1:0", *map(str, flags)],
                                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.workers.append(worker)
        line = worker.stdout.readline()
        self.assertIn("127.0.0.1:", line, worker.poll() and worker.stderr.read())
        return int(line.split("127.0.0.1:")[1].split()[0].rstrip(".,;"))

    def cluster_file(self, ports: list[int]) -> Path:
        path = self.folder / "cluster.yaml"
        path.write_text("workers:\n" + "".join(f"  - address: 127.0.0.1:{p}\n    branches: [{b}]\n"
                                               for b, p in enumerate(ports)))
        return path

    def four_workers(self, *flags: str | Path) -> Path:
        return self.cluster_file([self.serve(self.bundle, f"--branch={b}", *flags) for b in range(4)])

    def refused(self, cluster: Path, *flags: str, lines: int = 1) -> str:
        np.save(self.folder / "in.npy", self.image)
        return self.refuse("lcp-run", self.bundle, f"--cluster={cluster}", f"--input={self.folder / 'in.npy'}",
                           "--deadline-ms=3000", *flags, lines=lines)

    def test_four_workers_answer_like_one_process(self) -> None:
        alone = self.run_bundle(self.bundle, self.image)
        together = self.run_bundle(self.bundle, self.image, f"--cluster={self.four_workers()}")
        self.assertTrue(np.array_equal(alone, together))

    def test_workers_with_bundles_of_one_branch(self) -> None:
        whole = self.folder / "whole.fb"
        self.succeed("lcp-compile", "--target=host", "--per-branch", SPLIT, "-o", whole)
        ports = [self.serve(self.folder / f"whole.b{b}.fb", f"--branch={b}") for b in range(4)]
        alone = self.run_bundle(whole, self.image)
        together = self.run_bundle(whole, self.image, f"--cluster={self.cluster_file(ports)}")
        self.assertTrue(np.array_equal(alone, together))

    def test_a_worker_that_is_not_there(self) -> None:
        ports = [self.serve(self.bundle, f"--branch={b}") for b in range(3)]
        said = self.refused(self.cluster_file([*ports, 1]))
        self.assertIn("127.0.0.1:1", said)

    def test_a_worker_that_hangs_is_not_waited_for(self) -> None:
        cluster = self.four_workers()
        self.workers[2].send_signal(19)  # SIGSTOP
        start = time.monotonic()
        self.refused(cluster)
        self.assertLess(time.monotonic() - start, 15)

    def test_a_worker_with_another_model_is_refused(self) -> None:
        ports = [self.serve(self.bundle, f"--branch={b}") for b in range(3)]
        split = self.optimised(self.imported(MODELS / "lenet-digits.onnx"), "--lcp-split=4", suffix="split")
        ports.append(self.serve(self.compile(split), "--branch=3"))
        self.refused(self.cluster_file(ports))

    def test_a_model_without_branches_is_refused_in_one_line(self) -> None:
        whole = self.compile(MODELS / "lenet-digits.onnx")
        np.save(self.folder / "in.npy", self.image)
        said = self.refuse("lcp-run", whole, f"--cluster={self.cluster_file([1, 2])}",
                           f"--input={self.folder / 'in.npy'}")
        self.assertIn("no parallel stage to distribute", said)

    def test_mutual_tls(self) -> None:
        tls = self.folder / "tls"
        tls.mkdir()
        openssl = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                   "-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
                   "-keyout", tls / "key.pem", "-out", tls / "cert.pem"]
        subprocess.run([str(a) for a in openssl], check=True, capture_output=True)
        (tls / "ca.pem").write_bytes((tls / "cert.pem").read_bytes())
        cluster = self.four_workers(f"--tls={tls}")
        together = self.run_bundle(self.bundle, self.image, f"--cluster={cluster}", f"--tls={tls}")
        self.assertTrue(np.array_equal(self.run_bundle(self.bundle, self.image), together))
        self.refused(cluster, lines=4)  # without a certificate: each worker has its line

    def test_a_cluster_file_that_is_wrong(self) -> None:
        path = self.folder / "cluster.yaml"
        path.write_text("workers:\n  - adress: 127.0.0.1:9000\n")
        np.save(self.folder / "in.npy", self.image)
        done = tool("lcp-run", self.bundle, f"--cluster={path}", f"--input={self.folder / 'in.npy'}")
        self.assertEqual(1, done.returncode, done.stderr)
        self.assertIn("cluster.yaml:2", done.stderr)


if __name__ == "__main__":
    unittest.main()
