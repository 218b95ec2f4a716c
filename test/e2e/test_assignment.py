"""assign=affinity with calibration inputs: what the splitter says of the answers is
what ONNX Runtime measures on the exported network, and they come closer."""

import re
import unittest
from pathlib import Path

import numpy as np

from lcp import MODELS, Case, build, random_image, referee

LENET = MODELS / "lenet-digits.onnx"
SAID = re.compile(r"correlate with the original's by (\S+), with contiguous channels by (\S+)$", re.M)


def correlation(original: Path, split: Path, images: np.ndarray) -> float:
    """Of the outputs, mean over images."""
    return float(np.mean([np.corrcoef(referee(original, x[None]).ravel(), referee(split, x[None]).ravel())[0, 1]
                          for x in images]))


class Calibrated(Case):
    def check_said(self, original: Path, factor: int, images: np.ndarray, trials: int) -> tuple[Path, Path]:
        """The network split by answers and in order, after what was said of them."""
        np.save(self.folder / "images.npy", images)
        module, calibrated = self.imported(original), self.folder / f"{original.stem}-calibrated.mlirbc"
        option = f"factor={factor} assign=affinity calibrate={self.folder / 'images.npy'} trials={trials}"
        said = self.succeed("lcp-opt", f"--lcp-split={option}", module, "-o", calibrated).stderr
        numbers = SAID.search(said)
        self.assertIsNotNone(numbers, said)
        splits = calibrated, self.optimised(module, f"--lcp-split={factor}", suffix="contiguous")
        by_answers, in_order = map(self.exported, splits)
        for split, number in zip((by_answers, in_order), numbers.groups()):
            self.assertAlmostEqual(float(number), correlation(original, split, images), delta=6e-4)
        return by_answers, in_order

    def agreement(self, split: Path, images: np.ndarray) -> float:
        return float(np.mean([referee(LENET, x[None]).argmax() == referee(split, x[None]).argmax() for x in images]))

    def test_answers_come_closer_on_digits_that_it_did_not_see(self) -> None:
        digits = np.load(MODELS / "digits-images.npy").astype(np.float32) / 255
        by_answers, in_order = self.check_said(LENET, 2, digits[:50], 128)
        self.assertGreater(self.agreement(by_answers, digits[50:]), self.agreement(in_order, digits[50:]) + 0.1)

    def test_mixers_without_weights_are_tried_as_they_will_be(self) -> None:
        for name in ("cifarnet", "shufflenet_v2"):
            with self.subTest(name):
                original = self.folder / f"{name}.onnx"
                shape = build.make_narrow(name, original)
                self.check_said(original, 4, np.concatenate([random_image(shape, seed) for seed in range(2)]), 12)


if __name__ == "__main__":
    unittest.main()
