"""Streams of inputs over a cluster: several inferences are under way at a time, and answers keep their order."""

import time
import unittest

import numpy as np

from lcp import random_image
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


if __name__ == "__main__":
    unittest.main()
