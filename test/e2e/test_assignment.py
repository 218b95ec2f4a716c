"""assign=affinity with calibration inputs: what the splitter says of the answers is
what ONNX Runtime measures on the exported network, and they come closer."""

import re
import unittest
from pathlib import Path

import numpy as np

from lcp import MODELS, Case, referee

LENET = MODELS / "lenet-digits.onnx"


class Calibrated(Case):
    def setUp(self) -> None:
        super().setUp()
        digits = np.load(MODELS / "digits-images.npy").astype(np.float32) / 255
        self.chosen, self.others = digits[:50], digits[50:]
        np.save(self.folder / "chosen.npy", self.chosen)

    def correlation(self, split: Path, images: np.ndarray) -> float:
        """Of the outputs with the original's, mean over images."""
        return float(np.mean([np.corrcoef(referee(LENET, x[None])[0], referee(split, x[None])[0])[0, 1]
                              for x in images]))

    def agreement(self, split: Path) -> float:
        return float(np.mean([referee(LENET, x[None]).argmax() == referee(split, x[None]).argmax()
                              for x in self.others]))

    def test_answers_come_closer_as_said(self) -> None:
        module = self.imported(LENET)
        calibrated = self.folder / "calibrated.mlirbc"
        said = self.succeed(
            "lcp-opt", f"--lcp-split=factor=2 assign=affinity calibrate={self.folder / 'chosen.npy'}", module, "-o",
            calibrated).stderr
        numbers = re.search(r"correlate with the original's by (\S+), with contiguous channels by (\S+)$", said, re.M)
        self.assertIsNotNone(numbers, said)
        assigned, contiguous = map(float, numbers.groups())
        in_order = self.exported(self.optimised(module, "--lcp-split=2", suffix="contiguous"))
        by_answers = self.exported(calibrated)
        self.assertAlmostEqual(assigned, self.correlation(by_answers, self.chosen), delta=6e-4)
        self.assertAlmostEqual(contiguous, self.correlation(in_order, self.chosen), delta=6e-4)
        # On digits that nobody chose by as well.
        self.assertGreater(self.agreement(by_answers), self.agreement(in_order) + 0.1)


if __name__ == "__main__":
    unittest.main()
