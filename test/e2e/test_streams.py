"""Streams of inputs over a cluster: several inferences are under way at a time, and answers keep their order."""

import json
import signal
import subprocess
import time
import unittest

import numpy as np

from lcp import RUN, random_image
from workers import Workers

COUNT = 5000


class Streams(Workers):
    def test_answers_come_in_the_order_of_the_inputs(self) -> None:
        images, cluster = random_image((COUNT, 8)), self.cluster_file(self.two_workers())
        alone = self.run_bundle(self.bundle, images)
        self.assertTrue(np.array_equal(alone, self.run_bundle(self.bundle, images, f"--cluster={cluster}")))
        said = self.succeed("lcp-run", self.bundle, f"--cluster={cluster}", f"--input={self.folder / 'in.npy'}").stdout
        self.assertEqual([*range(COUNT)], [int(line.split(":")[0]) for line in said.splitlines()[1:COUNT + 1]])

    def test_several_are_under_way(self) -> None:
        # A worker rests while the other one computes, unless another inference is there.
        count, pace = 20, 0.1
        images = random_image((count, 8))
        alone = self.run_bundle(self.bundle, images)
        cluster = self.cluster_file([self.serve("--branch=0", f"--pace=s0.b0={1000 * pace},s1.b0=0.01")[0],
                                     self.serve("--branch=1", f"--pace=s0.b1=0.01,s1.b1={1000 * pace}")[0]])
        begin = time.monotonic()
        together = self.run_bundle(self.bundle, images, f"--cluster={cluster}")
        passed = time.monotonic() - begin
        self.assertTrue(np.array_equal(alone, together))
        self.assertGreater(passed, count * pace)
        self.assertLess(passed, count * 2 * pace)

    def test_a_signal_leaves_what_is_done(self) -> None:
        count = 200
        images = random_image((count, 8))
        alone = self.run_bundle(self.bundle, images)
        slow = self.serve("--branch=0", "--pace=s0.b0=100,s1.b0=0.01")[0]
        cluster = self.cluster_file([slow, self.serve("--branch=1")[0]])
        for sent, flags in ((signal.SIGINT, ()), (signal.SIGTERM, (f"--cluster={cluster}", "--top=1"))):
            files = [self.folder / f"{sent.name}.{suffix}" for suffix in ("npy", "json")]
            command = [RUN, self.bundle, f"--input={self.folder / 'in.npy'}", f"--output={files[0]}",
                       f"--trace={files[1]}", *(flags or ("--pace=s0.b0=100,s0.b1=0.01,s1.b0=0.01,s1.b1=0.01",))]
            # Who runs the tests in the background may have them ignore SIGINT, and lcp-run would go on doing so.
            with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                  preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)) as run:
                said = [run.stdout.readline() for _ in range(4)]
                run.send_signal(sent)
                rest, errors = run.communicate(timeout=60)
            self.assertEqual(128 + sent, run.returncode, errors)
            done = np.load(files[0])
            self.assertTrue(3 <= len(done) < count)
            self.assertTrue(np.array_equal(alone[:len(done)], done))
            self.assertEqual(f"lcp-run: error: interrupted after {len(done)} of {count} inferences, whose answers are "
                             "kept", errors.splitlines()[-1])
            lines = [line.split(":")[0].strip() for line in "".join([*said, rest]).splitlines()]
            self.assertEqual([*map(str, range(len(done)))], [line for line in lines if line.isdigit()])
            self.assertTrue(json.loads(files[1].read_text())["traceEvents"])


if __name__ == "__main__":
    unittest.main()
