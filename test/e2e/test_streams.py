"""Streams of inputs over a cluster: several inferences are under way at a time, and answers keep their order."""

import time
import unittest

import numpy as np

from lcp import random_image
from workers import Workers

COUNT = 5000


class Streams(Workers):
    def setUp(self) -> None:
        super().setUp()
        self.images = random_image((COUNT, 8))
        self.alone = self.run_bundle(self.bundle, self.images)

    def test_answers_come_in_the_order_of_the_inputs(self) -> None:
        cluster = self.cluster_file(self.two_workers())
        self.assertTrue(np.array_equal(self.alone, self.run_bundle(self.bundle, self.images, f"--cluster={cluster}")))
        said = self.succeed("lcp-run", self.bundle, f"--cluster={cluster}", f"--input={self.folder / 'in.npy'}").stdout
        self.assertEqual([*range(COUNT)], [int(line.split(":")[0]) for line in said.splitlines()[1:COUNT + 1]])

    def test_several_are_under_way(self) -> None:
        # A worker rests while the other one computes, unless another inference is there.
        count, pace = 20, 0.1
        cluster = self.cluster_file([self.serve("--branch=0", f"--pace=s0.b0={1000 * pace},s1.b0=0.01")[0],
                                     self.serve("--branch=1", f"--pace=s0.b1=0.01,s1.b1={1000 * pace}")[0]])
        begin = time.monotonic()
        together = self.run_bundle(self.bundle, self.images[:count], f"--cluster={cluster}")
        passed = time.monotonic() - begin
        self.assertTrue(np.array_equal(self.alone[:count], together))
        self.assertGreater(passed, count * pace)
        self.assertLess(passed, count * 2 * pace)


if __name__ == "__main__":
    unittest.main()
