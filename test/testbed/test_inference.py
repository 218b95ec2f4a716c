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

    def start_workers(self, *flags: str) -> None:
        for branch, device in enumerate(self.bed.devices):
            worker = device.start(RUN, f"--serve={device.inner_address}", self.bundle, f"--branch={branch}",
                                  f"--tls={self.tls}", *flags, stdout=-1, stderr=-1)
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
        self.assertGreater(report["benchmark"]["min_ms"], 2 * 5)  # there and back
        relayed = self.coordinate("--relay", "--benchmark", "--warmup=0", "--min-time=0", "--iterations=20", "--json")
        self.assertGreater(json.loads(relayed)["benchmark"]["min_ms"], 2 * 2 * 5)  # that for each of two stages
        for said, counted in ((report["traffic"]["sent_bytes"], after.sent_bytes),
                              (report["traffic"]["received_bytes"], after.received_bytes)):
            self.assertGreater(counted, 20 * said)
            # Small messages: HTTP/2, TLS and TCP take more than the tensors do.
            self.assertLess(counted, 20 * said + 40000)

    def test_devices_answer_at_their_pace(self) -> None:
        self.start_workers("--pace=s0.b0=40,s0.b1=40,s1.b0=30,s1.b1=30")
        image, there = random_image((1, 8)), self.folder / "there.npy"
        here = self.run_bundle(self.bundle, image)
        begun = [host.cpu_seconds() for host in self.bed.devices]
        self.coordinate(f"--input={self.folder / 'in.npy'}", f"--output={there}")
        self.assertTrue(np.array_equal(here, np.load(there)))
        report = json.loads(self.coordinate("--benchmark", "--warmup=0", "--min-time=0", "--iterations=10", "--json"))
        self.assertGreater(report["benchmark"]["min_ms"], 2 * 5 + 40 + 30)
        # It is slept through, not computed: many devices share this machine.
        for host, before in zip(self.bed.devices, begun):
            self.assertLess(host.cpu_seconds() - before, 0.3)
        for worker in (process for host in self.bed.devices for process in host.processes[1:]):
            worker.terminate()
            self.assertIn("times are modelled, those of an emulated device: s0.b0 40 ms", worker.communicate(timeout=20)[1])

    def test_what_a_pace_is_not(self) -> None:
        self.assertIn("'s0.b0=soon' is not BRANCH=MILLISECONDS", self.refuse("lcp-run", self.bundle, "--pace=s0.b0=soon"))
        self.assertIn("two-stages has no branch 's7.b0'", self.refuse("lcp-run", self.bundle, "--pace=s7.b0=1"))


if __name__ == "__main__":
    unittest.main()
