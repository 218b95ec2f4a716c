"""A divided model on a bed's devices, over mutual TLS: the answer that one process gives,
and as many bytes on the wire as the coordinator says it sent."""

import json
import sys
import unittest
from pathlib import Path

import numpy as np

sys.path[:0] = [str(Path(__file__).resolve().parents[1]), str(Path(__file__).resolve().parents[1] / "e2e")]

from lcp import RUN, Case, random_image  # noqa: E402
from testbed import Bed, Link, certificates, missing  # noqa: E402

MODEL = Path(__file__).resolve().parents[1] / "e2e/Inputs/two-stages.mlir"


@unittest.skipIf(missing(), missing())
class Inference(Case):
    def setUp(self) -> None:
        super().setUp()
        self.bundle = self.folder / "model.fb"
        self.succeed("lcp-compile", "--target=host", MODEL, "-o", self.bundle)
        self.bed = Bed(2, Link("switch", 1e8, 0.005))
        self.addCleanup(self.bed.remove)
        self.tls = certificates.make(self.folder / "tls", self.bed)
        self.cluster = self.folder / "cluster.yaml"
        self.cluster.write_text("workers:\n" + "".join(f"  - address: {d.address}\n" for d in self.bed.devices))

    def start_workers(self) -> None:
        for branch, device in enumerate(self.bed.devices):
            worker = device.start(RUN, f"--serve={device.inner_address}", self.bundle, f"--branch={branch}",
                                  f"--tls={self.tls}", stdout=-1, stderr=-1)
            self.assertRegex(worker.stdout.readline(), r"^ready ")

    def coordinate(self, *flags: str) -> str:
        done = self.bed.coordinator.run(RUN, self.bundle, f"--cluster={self.cluster}", f"--tls={self.tls}", *flags)
        self.assertEqual(0, done.returncode, done.stderr)
        return done.stdout

    def test_answers_and_bytes(self) -> None:
        self.start_workers()
        image, there = random_image((1, 8)), self.folder / "there.npy"
        here = self.run_bundle(self.bundle, image)
        self.coordinate(f"--input={self.folder / 'in.npy'}", f"--output={there}")
        self.assertTrue(np.array_equal(here, np.load(there)))
        before = self.bed.coordinator.counters()
        report = json.loads(self.coordinate("--benchmark", "--warmup=0", "--min-time=0", "--iterations=20", "--json"))
        after = self.bed.coordinator.counters() - before
        self.assertGreater(report["benchmark"]["min_ms"], 2 * 2 * 5)  # two stages, a round trip each
        for said, counted in ((report["traffic"]["sent_bytes"], after.sent_bytes),
                              (report["traffic"]["received_bytes"], after.received_bytes)):
            self.assertGreater(counted, 20 * said)
            # Small messages: HTTP/2, TLS and TCP take more than the tensors do.
            self.assertLess(counted, 20 * said + 40000)


if __name__ == "__main__":
    unittest.main()
