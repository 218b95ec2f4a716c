"""benchmark/performance.py: what it makes of figures, and a row measured from ONNX file to
table, with the one engine that is in the tests' own environment."""

import sys
import unittest
from pathlib import Path

from lcp import BIN, ROOT, Case, build

sys.path.append(str(ROOT / "benchmark"))
import performance  # noqa: E402
import performance_table  # noqa: E402
import roofline  # noqa: E402
import rounds  # noqa: E402
from peers import Peers  # noqa: E402
from performance_rows import Row  # noqa: E402
from performance_table import Stored  # noqa: E402
from toolbox import tool  # noqa: E402

PEAK = roofline.Peak(1e9, [(1000, 8e9), (4000, 1e9)])


def engine(*medians: float) -> dict:
    return rounds.summary([[ms] for ms in medians]) | {
        "compile_seconds": 1.0, "memory": {"inference": 20_000_000, "loading": 30_000_000}}


def stored(**engines: dict) -> Stored:
    """A row of resnet18 with these, by ENGINE_PRECISION."""
    return Stored(Row("resnet18"), {
        "machine": {"cpu": "a CPU", "cpus": 2}, "cpus": 1, "versions": {"ncnn": "ncnn 1.0"}, "cpu_target": "abcdef0",
        "peak": {"flops": 100e9, "read": [[16384, 1e11], [1 << 28, 1e10]]}, "others": 0.31, "python_bytes": 10_000_000,
        "percent_of_peak": 80.0, "roofline_ms": 1.5, "engines": {k.replace("_", "-"): v for k, v in engines.items()}})


class Figures(unittest.TestCase):
    def test_a_layer_takes_the_longer_of_multiplying_and_moving(self) -> None:
        # 2 * 500,000 operations at 1e9; 4000 bytes of weights at 1e9, for both layers' are 4000.
        multiplying = roofline.Layer("conv", 500_000, 4000, 2000)
        moving = roofline.Layer("depthwise", 1000, 0, 8000)
        self.assertAlmostEqual(1.0, roofline.least_ms([multiplying], PEAK))
        self.assertAlmostEqual(1.0 + 0.008, roofline.least_ms([multiplying, moving], PEAK))

    def test_small_buffers_are_read_as_the_smallest_that_was_measured(self) -> None:
        self.assertEqual([8e9, 8e9, 1e9], [PEAK.bytes_per_second(size) for size in (10, 3999, 4000)])

    def test_percent_of_peak(self) -> None:
        self.assertAlmostEqual(50, roofline.percent_of_peak([roofline.Layer("conv", 500_000, 0, 0)], PEAK, 2.0))

    def test_the_ratio_is_the_median_over_common_rounds(self) -> None:
        self.assertEqual(2.0, rounds.ratio([1, 1, 1, 9], [2, 5, 1]))

    def test_summary(self) -> None:
        found = rounds.summary([[float(i) for i in range(1, 100)], [500.0]])
        self.assertEqual((100, 1.0, 99.0, [50.0, 500.0]), (found["runs"], found["min"], found["p99"], found["rounds"]))

    def test_the_fastest_peer_is_the_one_of_the_least_ratio(self) -> None:
        row = stored(lcp_fp32=engine(2, 4), ncnn_fp32=engine(6, 12), iree_fp32=engine(3, 6), ncnn_int8=engine(1, 2))
        self.assertEqual((1.5, "iree"), row.ratio("fp32", "fp32"))
        self.assertEqual((0.5, "ncnn"), row.ratio("fp32", "int8"))
        self.assertIsNone(row.ratio("int8", "int8"))
        self.assertAlmostEqual(50, row.percent_of_roofline)

    def test_the_page_leaves_no_engine_out_silently(self) -> None:
        page = performance_table.render([
            stored(lcp_fp32=engine(2), ncnn_fp32=engine(3), iree_fp32={"problem": "it does not load"},
                   lcp_int8={"problem": "no such option"}),
            Stored(Row("vgg16"), {"problem": "the splitter refuses it"})])
        for text in ("1.50 (ncnn)", "80 %", "75 %", "none yet (", "no such option", "it does not load", "20 (30), 1.0 s",
                     "10 (20), 1.0 s", "abcdef0 (others 31 %)", "- whole, one thread: AlexNet, ResNet-50",
                     "VGG-16, whole, one thread: not measured (the splitter refuses it)"):
            self.assertIn(text, page)


class NarrowShop(performance.Shop):
    def build(self, network: str, path: Path) -> None:
        build.make_narrow(network, path)


class OtherNetworkShop(NarrowShop):
    """Our bundle is of a network with other weights."""

    def compile(self, row: Row, precision: str, folder: Path) -> float:
        other = folder / "other.onnx"
        build.make(row.network, other, 0.125, 64, 16, seed=5)
        seconds = super().compile(row, precision, folder)
        tool([self.bin / "lcp-compile", "--target=host", other, "-o", folder / "model.fb"])
        return seconds


class Measured(Case):
    def measure(self, shop: type[performance.Shop], row: Row) -> dict:
        peers = Peers(Path(sys.executable), ("onnxruntime",), {"iree": "not here"})
        return performance.measure(row, shop(BIN, self.folder, peers), count=3)

    def test_a_branch_from_network_to_table(self) -> None:
        row = Row("mobilenet_v1", "branch4")
        found = self.measure(NarrowShop, row)
        for name, error in (("lcp-fp32", 1e-4), ("onnxruntime-fp32", 1e-4), ("lcp-int8", 0.25),
                            ("onnxruntime-int8", 0.25)):
            self.assertLess(found["engines"][name]["error"], error)
            self.assertGreater(found["engines"][name]["min"], 0)
            self.assertEqual(3, len(found["engines"][name]["rounds"]))
        self.assertEqual("not here", found["engines"]["iree-fp32"]["problem"])
        self.assertGreater(found["roofline_ms"], 0)
        # A busy machine may show any share of its peak.
        self.assertIn("percent_of_peak", found)
        self.assertIn("MobileNet-v1, branch of split 4", performance_table.render([Stored(row, found)]))

    def test_what_answers_otherwise_is_not_timed(self) -> None:
        found = self.measure(OtherNetworkShop, Row("resnet18"))
        self.assertIn("answers otherwise", found["engines"]["lcp-fp32"]["problem"])
        self.assertIn("median", found["engines"]["onnxruntime-fp32"])
