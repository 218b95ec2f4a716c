"""A fleet whose workers tests break: a branch each on two devices, and two that have both."""

import subprocess
import sys
from pathlib import Path

import numpy as np

sys.path[:0] = [str(Path(__file__).resolve().parents[1]), str(Path(__file__).resolve().parents[1] / "e2e")]

from lcp import RUN, Case  # noqa: E402
from testbed import Bed, Link, certificates  # noqa: E402
from testbed.accidents import Worker  # noqa: E402
from testbed.answers import Answers  # noqa: E402

MODEL = Path(__file__).resolve().parents[1] / "e2e/Inputs/two-stages.mlir"
CLIENT = Path(__file__).with_name("stream_client.py")
BRANCHES = ("[0]", "[1]", "auto", "auto")
DEADLINE_MS = 400


class FaultyFleet(Case):
    def setUp(self) -> None:
        super().setUp()
        self.bundle, self.wrong = self.folder / "model.fb", self.folder / "wrong.fb"
        other = self.folder / "other.mlir"
        other.write_text(MODEL.read_text().replace("dense<0.25>", "dense<0.75>"))
        self.inputs = np.random.default_rng(10).normal(size=(64, 8)).astype(np.float32)
        np.save(self.folder / "inputs.npy", self.inputs)
        for model, bundle in ((MODEL, self.bundle), (other, self.wrong)):
            self.succeed("lcp-compile", "--target=host", f"--calibrate={self.folder / 'inputs.npy'}", model, "-o", bundle)
        self.write_expected()
        self.bed = Bed(len(BRANCHES), Link("switch", 1e9))
        self.addCleanup(self.bed.remove)
        self.tls = certificates.make(self.folder / "tls", self.bed)
        self.workers = [Worker(device, RUN, self.bundle, self.wrong, self.folder / f"log-{device.number}",
                               [f"--tls={self.tls}"]) for device in self.bed.devices]
        for worker in self.workers:
            worker.start()
        for worker in self.workers:
            worker.hear_ready()
        self.coordinators: list[subprocess.Popen] = []
        self.streams = 0

    def write_expected(self) -> None:
        """What one process answers."""
        expected = {"inputs": self.inputs}
        for name, flags in (("full", ()), ("without 0", ("--degrade", "--without=0")),
                            ("without 1", ("--degrade", "--without=1"))):
            out = self.folder / "out.npy"
            self.succeed("lcp-run", self.bundle, f"--input={self.folder / 'inputs.npy'}", f"--output={out}", *flags)
            expected[name] = np.load(out)
        np.savez(self.folder / "expected.npz", **expected)

    def coordinate(self, workers: int, *flags: str) -> str:
        """Serves the cluster of the first so many devices; the address."""
        port = 8001 + len(self.coordinators)
        cluster = self.folder / f"cluster-{port}.yaml"
        cluster.write_text("workers:\n" + "".join(f"  - address: {device.address}\n    branches: {branches}\n"
                                                  for device, branches in zip(self.bed.devices[:workers], BRANCHES)))
        with (self.folder / f"log-{port}").open("w") as log:
            process = self.bed.coordinator.start(RUN, f"--serve=127.0.0.1:{port}", self.bundle, f"--cluster={cluster}",
                                                 f"--tls={self.tls}", f"--deadline-ms={DEADLINE_MS}", *flags,
                                                 stdout=subprocess.PIPE, stderr=log)
        self.assertRegex(process.stdout.readline(), "^ready ")
        self.coordinators.append(process)
        return f"127.0.0.1:{port}"

    def ask(self, address: str, count: int, at_a_time: int, pace: float) -> subprocess.Popen:
        """Begins a stream of inferences; `answers` belongs to it."""
        self.streams += 1
        file = self.folder / f"answers-{self.streams}"
        with file.open("w") as out:
            client = self.bed.coordinator.start(sys.executable, CLIENT, address, self.tls, self.folder / "expected.npz",
                                                count, at_a_time, pace, DEADLINE_MS, stdout=out)
        client.answers = file
        return client

    def answers(self, client: subprocess.Popen) -> Answers:
        self.assertEqual(0, client.wait(60))
        return Answers(client.answers)

    def assert_kept(self, answers: Answers) -> None:
        """Everyone has an answer or an error, in time, and all answers are right."""
        self.assertEqual([], answers.bad[:10], answers.summary())
        self.assertEqual([], answers.late[:10], answers.summary())
        self.assertTrue(all(process.poll() is None for process in self.coordinators))
