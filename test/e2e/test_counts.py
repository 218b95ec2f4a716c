"""Parameters and multiply-accumulates of the networks in test/models, whole and
split, against the published ones; docs/rationale/published-counts.md shows both."""

import itertools
import unittest
from math import prod

from lcp import ROOT, build

import counts
import published
from published import CIFAR_100, Count, agrees, count, value

PAGE = ROOT / "docs/rationale/published-counts.md"

# Elements that a local response normalisation sees.
NORMALISED = {"cifarnet": (14 * 14 + 10 * 10) * 64, CIFAR_100: (14 * 14 + 10 * 10) * 64, "vgg_s": 109 * 109 * 96}


class Page(unittest.TestCase):
    def test_its_table_is_what_is_counted(self) -> None:
        self.assertIn(published.table(), PAGE.read_text(), f"{published.__file__} prints it")

    def test_what_differs_has_a_note_and_nothing_else_has_one(self) -> None:
        for row in published.ROWS:
            with self.subTest(row.network, split=row.split):
                ours = count(row.network, row.split, row.merge)
                self.assertEqual(agrees(row.parameters, ours.parameters), not row.parameters_note)
                self.assertEqual(agrees(row.macs, ours.macs), not row.macs_note)

    def test_the_tools_count_a_whole_network_as_its_onnx_file_is_counted(self) -> None:
        for name in ("lenet", "alexnet_v2", "resnet18", "resnet50", "mobilenet_v1"):
            with self.subTest(name):
                ours = count(name)
                self.assertEqual((ours.parameters, ours.macs), counts.total(build.model(name, weights=False)))


class Notes(unittest.TestCase):
    """What each note says: what the published figure counts, or that nothing gives it."""

    def rows(self, note: str) -> list[tuple[published.Row, Count]]:
        """Those whose MACs differ for this reason."""
        return [(row, count(row.network, row.split, row.merge)) for row in published.ROWS if row.macs_note == note]

    def test_a_lenet_macs_are_weights(self) -> None:
        exact = {"": 61_470, "factor=2": 31_230, "factor=4": 15_860, "factor=8": 8_600}
        for row, ours in self.rows("a"):
            with self.subTest(split=row.split):
                weights = sum(prod(layer.weight) for layer in ours.layers)
                self.assertEqual(weights, exact[row.split])
                self.assertLess(abs(weights / value(row.macs) - 1), 0.025)
                self.assertEqual(agrees(row.macs, weights), not row.split)

    def test_b_five_macs_for_each_element_that_is_normalised(self) -> None:
        for row, ours in self.rows("b"):
            with self.subTest(row.network, split=row.split):
                self.assertTrue(agrees(row.macs, ours.macs + 5 * NORMALISED[row.network]))

    def test_c_two_digits_of_vgg_s_changed_places(self) -> None:
        self.assertTrue(agrees("60.97M", count("vgg_s").parameters))

    def test_d_four_operations_for_each_element_that_is_normalised(self) -> None:
        elements = sum(prod(layer.result) for layer in count("resnet18").layers if len(layer.result) == 4)
        self.assertEqual(elements, 2_483_712)
        for row, ours in self.rows("d"):
            with self.subTest(split=row.split):
                self.assertTrue(agrees(row.macs, ours.macs + 4 * elements))

    def test_e_alexnet_second_convolution_without_padding(self) -> None:
        exact = iter(["677.6M", "144.0M", "242.1M"])
        for row, ours in self.rows("e"):
            with self.subTest(split=row.split):
                second = sum(layer.macs for layer in ours.layers if layer.name == "conv2")
                unpadded = ours.macs - second + second * 22 * 22 // (26 * 26)
                self.assertLess(abs(unpadded / value(row.macs) - 1), 0.008)
                self.assertTrue(agrees(next(exact), unpadded))

    def test_f_vgg16_in_eight_has_an_eighth_of_its_parameters_or_more(self) -> None:
        self.assertTrue(agrees("7.64M", count("vgg_s", "factor=8", "sum-features").parameters))
        self.assertLess(2 * 7.64e6, count("vgg16").parameters / 8)
        split = count("vgg16", "factor=8", "sum-features").parameters
        self.assertLess(count("vgg16").parameters / 8, split)
        self.assertTrue(agrees("17.31M", split))

    def test_g_resnet50_without_projections_on_larger_images(self) -> None:
        plain = [layer for layer in counts.layers(build.model("resnet50", image=256, weights=False))
                 if "downsample" not in layer.name]
        self.assertLess(abs(sum(layer.parameters for layer in plain) / 22.80e6 - 1), 0.001)
        self.assertTrue(agrees("4.87G", sum(layer.macs for layer in plain)))

    def test_i_mobilenet_counts_three_values_a_channel_and_dense_depthwise_layers(self) -> None:
        ours = count("mobilenet_v1")
        self.assertTrue(agrees("4.24M", ours.parameters + ours.normalised))
        self.assertLess(abs(with_dense_depthwise(ours) / 4.86e9 - 1), 0.01)

    def test_j_mobilenet_in_eight_has_the_parameters_of_a_split_in_four(self) -> None:
        ours = count("mobilenet_v1", "factor=4", "sum-features")
        self.assertTrue(agrees("1.12M", ours.parameters + ours.normalised))
        eight = [count("mobilenet_v1", "factor=8", merge) for merge in ("sum-features", "concat")]
        self.assertEqual([each.parameters + each.normalised for each in eight], [599_784, 1_495_784])


def with_dense_depthwise(ours: Count) -> int:
    """MACs, each depthwise convolution counted as one over all channels."""
    return sum(layer.macs * (layer.weight[0] if layer.name.endswith(".depthwise") else 1) for layer in ours.layers)


class NoWay(unittest.TestCase):
    """Notes h and k: figures that no way to merge and to count comes near."""

    MERGES = ("concat", "sum-features", "sum-logits")

    def ways(self, name: str, split: str) -> tuple[set[int], set[int]]:
        """Parameters with 1 to 4 values for each normalised channel, and MACs at
        both image sizes, with depthwise layers as they are and dense; all with and without
        the projections of shortcuts."""
        parameters, macs = set(), set()
        for merge, image in itertools.product(self.MERGES, (None, 256)):
            ours = count(name, split, merge, image)
            projections = [layer for layer in ours.layers if layer.name.endswith(".downsample")]
            self.assertEqual(bool(projections), name == "resnet50")
            channels = sum(layer.result[1] for layer in projections)
            for values in range(1, 5):
                every = ours.parameters + (values - 2) * ours.normalised
                # A folded convolution's bias is one of the values.
                less = sum(layer.parameters for layer in projections) + (values - 1) * channels
                parameters |= {every, every - less}
            without = sum(layer.macs for layer in projections)
            macs |= {ours.macs, ours.macs - without, with_dense_depthwise(ours)}
        return parameters, macs

    def assert_no_way(self, published_figure: float, ways: set[int]) -> None:
        for way in ways:
            self.assertGreater(abs(way / published_figure - 1), 0.005, f"{way:,} is {published_figure:,.0f}")

    def test_h_resnet50(self) -> None:
        for split, parameters, macs in (("factor=8", 5.42e6, 0.88e9), ("factor=8 fatten=40", 8.60e6, 1.18e9)):
            with self.subTest(split=split):
                found = self.ways("resnet50", split)
                self.assert_no_way(parameters, found[0])
                self.assert_no_way(macs, found[1])

    def test_h_resnet50_grows_by_less_than_its_widths(self) -> None:
        thin, fat = (count("resnet50", f"factor=8{more}", "concat").layers for more in ("", " fatten=40"))
        slowest = min(b.macs / a.macs for a, b in zip(thin, fat, strict=True))
        self.assertEqual(slowest, 11 / 8)
        self.assertLess(1.185 / 0.875, slowest)  # the most that 1.18 and 0.88 can mean

    def test_k_mobilenet(self) -> None:
        for split in ("factor=8", "factor=4"):
            with self.subTest(split=split):
                parameters, macs = self.ways("mobilenet_v1", split)
                self.assert_no_way(0.93e9, macs)
                fat = self.ways("mobilenet_v1", f"{split} fatten=40")
                self.assert_no_way(2.12e6, fat[0])
                self.assert_no_way(1.34e9, fat[1])


class Later(unittest.TestCase):
    """Networks that the paper does not have, as torchvision gives them (Darknet-19
    as its authors do: 5.58 G operations, two a MAC)."""

    def test_parameters_and_macs(self) -> None:
        published = {
            "resnet34": (21_797_672, 3.66e9), "mobilenet_v2": (3_504_872, 0.30e9),
            "mobilenet_v3": (5_483_032, 0.22e9), "efficientnet_b0": (5_288_548, 0.39e9),
            "densenet121": (7_978_856, 2.83e9), "squeezenet": (1_235_496, 0.35e9),
            "inception_v1": (6_624_904, 1.50e9), "shufflenet_v2": (2_278_604, 0.14e9),
            "darknet19": (20_842_376, 5.58e9 / 2)}
        for name, (published_parameters, published_macs) in published.items():
            with self.subTest(name):
                parameters, macs = counts.total(build.model(name, weights=False))
                self.assertEqual(parameters, published_parameters)
                self.assertLess(abs(macs - published_macs), 0.0051e9)


if __name__ == "__main__":
    unittest.main()
