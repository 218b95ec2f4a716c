"""Weights are many and are not copied without need: VGG-16's, at half width, and at
full width with LCP_FULL, where the time counts as well."""

import subprocess
import sys
import unittest
from pathlib import Path

from lcp import BIN, FULL, Case, build

# A process of its own: a child's peak counts from that of the process that starts it.
MEASURE = """
import os, sys, time
start = time.monotonic()
pid = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ,
                     file_actions=[(os.POSIX_SPAWN_OPEN, 1, "/dev/null", os.O_WRONLY, 0)])
_, status, usage = os.wait4(pid, 0)
print(os.waitstatus_to_exitcode(status), time.monotonic() - start, usage.ru_maxrss)
"""


class Weights(Case):
    def setUp(self) -> None:
        super().setUp()
        model = self.folder / "vgg16.onnx"
        build.make("vgg16", model, width=1.0 if FULL else 0.5)
        self.module = self.imported(model)
        self.size = self.module.stat().st_size

    def run_measured(self, *arguments: str | Path) -> tuple[float, int]:
        """Seconds and the peak of resident bytes of lcp-opt."""
        done = subprocess.run([sys.executable, "-c", MEASURE, str(BIN / "lcp-opt"), *map(str, arguments)],
                              capture_output=True, text=True, check=True)
        status, seconds, kilobytes = done.stdout.split()
        self.assertEqual("0", status)
        return float(seconds), 1024 * int(kilobytes)

    def measure(self, *arguments: str | Path) -> tuple[float, float]:
        """Seconds, and the peak of memory in sizes of the model, less what the tool takes for itself."""
        empty = self.folder / "empty.mlir"
        empty.write_text("module {}\n")
        seconds, peak = self.run_measured(*arguments)
        return seconds, (peak - self.run_measured(empty, "-o", "/dev/null")[1]) / self.size

    def test_a_split_takes_less_than_twice_the_model(self) -> None:
        for factor in (2, 8):
            with self.subTest(factor=factor):
                split = self.folder / "split.mlirbc"
                seconds, sizes = self.measure(f"--lcp-split={factor}", self.module, "-o", split)
                # The model itself, as mapped, and the slices, which are a part of about 1/factor.
                self.assertLess(sizes, 1.1 + 1 / factor)
                if FULL:
                    self.assertLess(seconds, 5)

    def test_comparing_ways_to_divide_it_reads_no_weights(self) -> None:
        seconds, sizes = self.measure("--lcp-print-footprint=8", self.module, "-o", "/dev/null")
        self.assertLess(sizes, 0.3)
        if FULL:
            self.assertLess(seconds, 5)


if __name__ == "__main__":
    unittest.main()
