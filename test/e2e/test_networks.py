"""Every network of test/models, narrow, through each step of the compiler against
ONNX Runtime, and its splits against the masked network; full width with LCP_FULL."""

import tempfile
import unittest
from pathlib import Path

import numpy as np
import onnx

import masking
from lcp import FULL, Case, build, random_image, referee

FACTORS = (2, 4, 8)
# In full width a layer has fewer than 8 channels: the first one, and the smallest
# squeeze-and-excitation.
TOO_NARROW = ("lenet", "efficientnet_b0")


class Splits(Case):
    """Its splits against the masked network and against their own exports."""

    def write(self, twin: masking.MaskedTwin) -> Path:
        path = self.folder / "masked.onnx"
        onnx.save(twin.model, str(path))
        return path

    def check_structure(self, split: Path, factor: int) -> None:
        text = self.succeed("lcp-opt", split, "--mlir-elide-resource-strings-if-larger=16").stdout
        self.assertEqual(1, text.count("lcp.parallel"), "the branches meet more than once")
        self.assertEqual(factor, text.count("lcp.yield"))

    def check_split(self, simple: Path, factor: int, image: np.ndarray) -> None:
        whole = self.exported(simple)
        split = self.optimised(simple, f"--lcp-split={factor}", suffix=f"split{factor}")
        self.check_structure(split, factor)
        exported = self.exported(split)
        expected = referee(exported, image)
        self.assert_close(expected, self.run_bundle(self.compile(split), image))
        twin = masking.MaskedTwin(onnx.load(whole), factor)
        self.assertEqual(sum(twin.kept.values()), masking.count_weights(onnx.load(exported)))
        masked = referee(self.write(twin), image)
        self.assert_close(masked, expected, 1e-5)
        self.assert_differs(referee(whole, image), masked)

    def assert_differs(self, a: np.ndarray, b: np.ndarray) -> None:
        """Or else the masks took away too little to test anything."""
        self.assertGreater(np.abs(a - b).max(), 0.1 * np.abs(a).max())


class Network(Splits):
    """The checks that hold for every network; a subclass has its name."""

    name: str

    @classmethod
    def setUpClass(cls) -> None:
        folder = tempfile.TemporaryDirectory(prefix="lcp-e2e-")
        cls.addClassCleanup(folder.cleanup)
        cls.original = Path(folder.name) / f"{cls.name}.onnx"
        cls.image = random_image((build.make if FULL else build.make_narrow)(cls.name, cls.original))

    def simple(self) -> Path:
        return self.optimised(self.imported(self.original), "--lcp-simplify", suffix="simple")

    def reference(self, module: Path, image: np.ndarray) -> np.ndarray:
        np.save(self.folder / "in.npy", image)
        out = self.folder / "reference.npy"
        self.succeed("lcp-reference", module, f"--input={self.folder / 'in.npy'}", f"--output={out}", timeout=3000)
        return np.load(out)

    def test_simplified_and_exported_it_answers_like_the_original(self) -> None:
        expected = referee(self.original, self.image)
        simple = self.simple()
        if not FULL:
            self.assert_close(expected, self.reference(simple, self.image))
        exported = self.exported(simple)
        self.assert_close(expected, referee(exported, self.image))
        self.assert_close(expected, self.run_bundle(self.compile(simple), self.image))
        # Exported again, it is the same model.
        again = self.optimised(self.imported(exported), "--lcp-simplify", suffix="again")
        self.assert_close(expected, referee(self.exported(again), self.image))

    def test_its_forms_that_keep_all_connections_are_the_same_function(self) -> None:
        simple, expected = self.simple(), referee(self.original, self.image)
        for flags in (("--lcp-plan-split=4", "--lcp-split-widths"),
                      ("--lcp-plan-split=factor=4 cut=column-row", "--lcp-split-widths"), ("--lcp-split-layers=3",)):
            with self.subTest(flags):
                divided = self.optimised(simple, *flags, suffix="divided")
                self.assert_close(expected, referee(self.exported(divided), self.image))

    def test_its_splits_are_the_masked_network(self) -> None:
        simple = self.simple()
        for factor in FACTORS:
            with self.subTest(factor=factor):
                if FULL and factor == 8 and self.name in TOO_NARROW:
                    self.assertIn("too few for 8 branches", self.refuse(
                        "lcp-opt", "--lcp-split=8", simple, "-o", self.folder / "none.mlirbc"))
                    continue
                self.check_split(simple, factor, self.image)

    def test_its_channels_can_be_assigned_by_affinity(self) -> None:
        simple, option = self.simple(), "factor=4 assign=affinity"
        widths = self.optimised(simple, f"--lcp-plan-split={option}", "--lcp-split-widths", suffix="widths")
        self.assert_close(referee(self.original, self.image), referee(self.exported(widths), self.image))
        split = self.optimised(simple, f"--lcp-split={option}", suffix="affinity")
        self.check_structure(split, 4)
        exported = self.exported(split)
        self.assert_close(referee(exported, self.image), self.run_bundle(self.compile(split), self.image))
        # Other channels, but as many of them as contiguous parts have.
        contiguous = self.exported(self.optimised(simple, "--lcp-split=4", suffix="contiguous"))
        self.assertEqual(masking.count_weights(onnx.load(contiguous)), masking.count_weights(onnx.load(exported)))

    @unittest.skipIf(FULL, "wide sums are not exact")
    def test_in_whole_numbers_its_splits_are_exactly_the_masked_network(self) -> None:
        model = onnx.load(self.exported(self.simple()))
        if not masking.draw_whole_numbers(model, seed=1):
            self.skipTest("it rounds")
        drawn = self.folder / "drawn.onnx"
        onnx.save(model, str(drawn))
        image = np.random.default_rng(1).integers(-2, 3, self.image.shape).astype(np.float32)
        module = self.imported(drawn)
        for factor in FACTORS:
            with self.subTest(factor=factor):
                split = self.optimised(module, f"--lcp-split={factor}", suffix=f"split{factor}")
                masked = referee(self.write(masking.MaskedTwin(onnx.load(drawn), factor)), image)
                self.assertLess(np.abs(masked).max(), 2.0**22, "the sums are no longer exact")
                np.testing.assert_array_equal(masked, referee(self.exported(split), image))
                self.assert_differs(referee(drawn, image), masked)


for network in build.NETWORKS:
    globals()[network] = type(network, (Network,), {"name": network, "__module__": __name__})
del Network  # it has no name


class ManyBranches(Splits):
    """Factors that divide no layer evenly, and one channel a branch."""

    def check_factors(self, name: str, width: float, *factors: int) -> None:
        model = self.folder / f"{name}.onnx"
        image = random_image(build.make(name, model, width, image=64, classes=16))
        simple = self.optimised(self.imported(model), "--lcp-simplify", suffix="simple")
        for factor in factors:
            with self.subTest(name, factor=factor):
                self.check_split(simple, factor, image)

    def test_resnet18(self) -> None:
        self.check_factors("resnet18", 0.25, 3, 5, 10)
        self.check_factors("resnet18", 1, 64)

    def test_densenet121(self) -> None:
        self.check_factors("densenet121", 0.5, 3, 5, 10)

    @unittest.skipUnless(FULL, "takes a minute")
    def test_densenet121_in_64(self) -> None:
        # Its layers of 32 channels are too narrow; twice as wide they have one for each branch.
        self.check_factors("densenet121", 2, 64)


if __name__ == "__main__":
    unittest.main()
