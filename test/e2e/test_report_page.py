"""lcp-compile's page in a browser: no error on its console, and in the document the
texts, tables and figures that the JSON report has."""

import json
import unittest
from pathlib import Path

import browser
from lcp import MODELS, ROOT, Case, build


def words(number: int) -> str:
    return f"{number:,}"


@unittest.skipUnless(browser.CHROMIUM, "chromium is not installed")
class ReportPage(Case):
    def draw(self, model: Path, *flags: str, target: str = "rpi3") -> tuple[browser.Node, dict]:
        """The page as the browser has it and the same report as JSON."""
        page, data = self.folder / "page.html", self.folder / "report.json"
        for report in (data, page):
            self.compile(model, f"--report={report}", *flags, target=target)
        drawn, console = browser.open_page(page)
        self.assertEqual([], console)
        report = json.loads(data.read_text())
        self.check(drawn, report)
        return drawn, report

    def check(self, page: browser.Node, report: dict) -> None:
        """What holds for the page of any model."""
        text = page.text
        self.assertEqual([report["model"]], [node.text for node in page.find("h1")])
        kinds = [b for step in report["steps"] for b in step.get("branches", []) if "same_as" not in b]
        picture = page.find("div", "picture")[0]
        self.assertEqual(len(kinds), len(picture.find("div", "card")))
        self.assertEqual(len(report["inputs"]), len(picture.find("div", "input")))
        self.assertEqual(len(report["outputs"]), len(picture.find("div", "output")))
        # Each card and each merge is reached by a line that has a length.
        lines = [node.attributes["d"] for node in picture.find("path")]
        self.assertGreaterEqual(len(lines), len(kinds))
        self.assertTrue(all("NaN" not in line and line.count(",") == 4 for line in lines), lines)
        layers = [node.text for node in page.find("details") if node.attributes.get("class") != "plan"]
        self.assertEqual(len(kinds), len(layers))
        for branch, section in zip(kinds, layers, strict=True):
            for layer in branch["layers"]:
                self.assertIn(layer["name"], section)
                for key in ("parameters", "macs", "output_bytes", "activation_bytes", "bytes_out"):
                    self.assertIn(words(layer[key]), section)
        for device in report["devices"] + [report.get("one_device", {})]:
            for key in ("parameters", "macs", "memory_bytes", "weight_bytes", "code_bytes", "arena_bytes"):
                if key in device:
                    self.assertIn(words(device[key]), text)
        for branch in kinds:
            for note in branch["placement"]:
                self.assertIn(note["reason"], text)

    def assert_texts(self, page: browser.Node, *texts: str) -> None:
        """They are there, one after the other."""
        rest = page.text
        for text in texts:
            self.assertIn(text, rest)
            rest = rest.split(text, 1)[1]

    def imported_narrow(self, name: str) -> Path:
        model = self.folder / f"{name}.onnx"
        build.make_narrow(name, model)
        return self.imported(model)

    def test_a_whole_model(self) -> None:
        page, report = self.draw(MODELS / "lenet-digits.onnx")
        self.assert_texts(page, "lenet-digits", "One device runs all of it.", "Parameters", "for one inference",
                          "1×1×28×28 · 3.1 kB", "serial, s0", "on rpi3", "conv 5×5", "6 @ 28×28",
                          "Each device, for one inference", "Ops that run elsewhere",
                          "None: each runs where its branch runs.", "Made by", "lcp-compile --target=rpi3")
        self.assertNotIn("one_device", report)
        self.assertNotIn("Modelled: ", page.text)

    def test_a_split_model(self) -> None:
        page, _ = self.draw(MODELS / "lenet-digits-split4.onnx")
        self.assert_texts(page, "In 4 branches, for as many devices. Its weights belong to this form",
                          "Parameters, busiest device", "all branches on one device: 16.3 k", "1 round trip",
                          "▾ 3.1 kB each", "branches 0, 1", "2 @ 28×28", "3.9 k parameters, 62.8 k MACs",
                          "branches 2, 3", "1 @ 28×28", "concat · 1×84", "serial, s1", "on host",
                          "devices 0, 1", "3,937", "62,830", "devices 2, 3", "coordinator", "unknown",
                          "all branches on one device", "Modelled: the slowest device computes for 0.011 ms",
                          "One device would be faster. Efficiency: published.")
        # A bar is as wide as the root of its number of channels, beside the widest: 2 of 30.
        bar = page.find("div", "fill")[0]
        self.assertAlmostEqual(100 * (2 / 30) ** 0.5, float(bar.attributes["style"].split(":")[1].strip(" %;")), 2)

    def test_a_split_for_unlike_devices(self) -> None:
        split = self.optimised(self.imported(MODELS / "lenet-digits.onnx"),
                               "--lcp-split=device=rpi4,rpi3,pynq-z1", suffix="split")
        page, _ = self.draw(split, target="rpi4,rpi3,pynq-gemm")
        self.assert_texts(page, "In 3 branches, for as many devices, and not trained after the split: "
                          "its answers mean nothing yet.", "branch 0", "on rpi4", "branch 1", "on rpi3", "branch 2",
                          "on pynq-gemm", "device 0", "rpi4", "device 1", "rpi3", "device 2", "pynq-z1",
                          "Efficiency: published, peak.", "devices = [\"rpi4\", \"rpi3\", \"pynq-z1\"]>")

    def test_resnet18(self) -> None:
        """Its 21 layers are folded to a bar for each size of image."""
        module = self.imported_narrow("resnet18")
        page, _ = self.draw(module)
        self.assert_texts(page, "4 conv", "8 @ 16×16", "5 conv", "16 @ 8×8", "dense")
        page, _ = self.draw(self.optimised(module, "--lcp-split=4", suffix="split"))
        self.assert_texts(page, "branches 0–3 (4 alike)", "4 conv", "2 @ 16×16")

    def test_a_pipeline_by_layers(self) -> None:
        module = self.optimised(ROOT / "test/Report/pipeline.mlir", "--lcp-split-layers=2", suffix="layers")
        page, _ = self.draw(module, target="rpi4")
        self.assert_texts(page, "A pipeline by layers over 2 devices: the original function.",
                          "branch 0, from device 1", "the devices compute, in turn, for 0.000 ms; "
                          "links like rpi4's take 0.600 ms.")

    def test_names_are_shown_and_never_markup(self) -> None:
        page, console = None, []
        bundle_page = self.folder / "names.html"
        self.compile(ROOT / "test/Report/html.mlir", "--head-target=rpi3", f"--report={bundle_page}", target="rpi3")
        page, console = browser.open_page(bundle_page)
        self.assertEqual([], console)
        self.assertEqual([], page.find("i") + page.find("main")[0].find("script"))
        self.assertEqual(["</script><script>alert('x')</script><!--<script>"], [h.text for h in page.find("h1")])
        # 80 bytes at 62.24 Mbit/s and two waits of 8.83 ms.
        self.assert_texts(page, "not trained after the split", "in\"<b>&\\x0a · 1×4 · 16 B", "▾ 16 B each",
                          "branches 0, 2", "▾ 8 B each", "▾ 16 B", "branch 1", "▾ 16 B", "concat · 1×8", "</svg>",
                          "devices 0, 2", "device 1", "coordinator", "all branches on one device",
                          "links like rpi3's take 17.7 ms. All branches on one rpi3 compute for 0.000 ms. "
                          "One device would be faster.", "None: each runs where its branch runs.", "<i>fc'1",
                          "#lcp.plan<branches = 3, classifier = \"<i>\", layers = {",
                          "lcp-compile --target=rpi3")


if __name__ == "__main__":
    unittest.main()
