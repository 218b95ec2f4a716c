"""Every network of test/models, narrow, through each step of the compiler against
ONNX Runtime; full width with LCP_FULL."""

import unittest
from pathlib import Path

import numpy as np

from lcp import FULL, Case, build, random_image, referee

FACTORS = (2, 4, 8)


class Network:
    """The checks that hold for every network; a subclass has its name."""

    name: str

    def model(self) -> tuple[Path, np.ndarray]:
        path = self.folder / f"{self.name}.onnx"
        shape = build.make(self.name, path) if FULL else build.make_narrow(self.name, path)
        return path, random_image(shape)

    def reference(self, module: Path, image: np.ndarray) -> np.ndarray:
        np.save(self.folder / "in.npy", image)
        out = self.folder / "reference.npy"
        self.succeed("lcp-reference", module, f"--input={self.folder / 'in.npy'}", f"--output={out}", timeout=3000)
        return np.load(out)

    def test_simplified_and_exported_it_answers_like_the_original(self: Case) -> None:
        model, image = self.model()
        expected = referee(model, image)
        simple = self.optimised(self.imported(model), "--lcp-simplify", suffix="simple")
        if not FULL:
            self.assert_close(expected, self.reference(simple, image))
        exported = self.exported(simple)
        self.assert_close(expected, referee(exported, image))
        self.assert_close(expected, self.run_bundle(self.compile(simple), image))
        # Exported again, it is the same model.
        again = self.optimised(self.imported(exported), "--lcp-simplify", suffix="again")
        self.assert_close(expected, referee(self.exported(again), image))

    def test_its_splits_answer_like_their_exports(self: Case) -> None:
        model, image = self.model()
        simple = self.optimised(self.imported(model), "--lcp-simplify", suffix="simple")
        for factor in FACTORS:
            with self.subTest(factor=factor):
                if FULL and self.name == "lenet" and factor == 8:
                    # Its first layer has 6 channels.
                    self.assertIn("too few for 8 branches", self.refuse(
                        "lcp-opt", "--lcp-split=8", simple, "-o", self.folder / "none.mlirbc"))
                    continue
                split = self.optimised(simple, f"--lcp-split={factor}", suffix=f"split{factor}")
                text = self.succeed("lcp-opt", split, "--mlir-elide-resource-strings-if-larger=16").stdout
                self.assertEqual(1, text.count("lcp.parallel"), "the branches meet more than once")
                self.assertEqual(factor, text.count("lcp.yield"))
                expected = referee(self.exported(split), image)
                self.assert_close(expected, self.run_bundle(self.compile(split), image))


for network in build.NETWORKS:
    globals()[network] = type(network, (Network, Case), {"name": network, "__module__": __name__})


if __name__ == "__main__":
    unittest.main()
