"""The design loop as a user runs it: resumable, honest about one device, and about giving up."""

import fcntl
import json
import os
import signal
import subprocess
import sys
import time
import unittest
from pathlib import Path

import numpy as np
import torch

from case import ROOT, Case, build, graph, write_idx

from lcp_train import data, design_plot, design_report, load, save
from lcp_train.compiler import Cost
from lcp_train.design import Outcome, Row
from lcp_train.recipe import Pixels, Recipe
from lcp_train.training import Trainer

FAST = ("--device=rpi4", "--lr=2e-3", "--threads=1")
# The values stay what the splitter made of them.
FROZEN = ("--device=rpi4", "--lr=1e-9", "--l2=0", "--epochs=1", "--threads=1")


class Designs(Case):
    def setUp(self) -> None:
        super().setUp()
        self.data = write_idx(self.folder / "data")
        self.model, self.out = self.folder / "lenet.onnx", self.folder / "out"

    def design(self, *arguments: str | Path, out: Path | None = None) -> subprocess.CompletedProcess[str]:
        return self.command("design", self.model, f"--data={self.data}", f"--output={out or self.out}", *arguments)

    def untrained(self) -> None:
        build.make_narrow("lenet", self.model)

    def learned(self) -> None:
        """An original that is good, so that cutting it harms."""
        exported = self.exported(self.model)
        module = load(exported)
        part = data.read(self.data, (1, 28, 28)).train
        Trainer(module, part, Recipe(epochs=5, batch=64, rate=3e-3, l2=0.0), Pixels()).fit(quiet=True)
        save(module, self.model)

    def report(self) -> dict:
        return json.loads((self.out / "report.json").read_text())


class Loop(Designs):
    def test_the_first_split_is_good_enough(self) -> None:
        self.untrained()
        done = self.design("--factor=2", "--bound=0", "--epochs=2", *FAST)
        self.assertEqual(0, done.returncode, done.stderr)
        lines = done.stdout.splitlines()
        self.assertEqual(["original", "split2", "narrow,"], [line.split()[0] for line in lines[3:6]])
        self.assertIn("The first split within the bound: split2, ", done.stdout)
        # Half a millisecond on the link against a hundredth of it computing.
        self.assertRegex(lines[-1], r"^One device is the better choice: no less accurate, and \d+\.\d times as fast as 2\.$")
        report = self.report()
        self.assertEqual(("split2", lines[-1]), (report["met"], report["verdict"]))
        self.assertIn("not measured", report["latencies"])
        self.check_costs(report)
        self.assertEqual(b"\x89PNG", (self.out / "plot.png").read_bytes()[:4])
        picture = (self.out / "plot.svg").read_text()
        for label in ("original, one device", "split2, 2 devices", "split2, one device", "narrow, one device"):
            self.assertIn(f">{label}</text>", picture)

    def check_costs(self, report: dict) -> None:
        """They are the compiler's of the very networks that were trained."""
        original, split, narrow = (row["cost"] for row in report["rows"])
        said = self.run_tool("lcp-opt", "--lcp-simplify", "--lcp-print-footprint=device=rpi4 json=true",
                             self.imported(self.out / "split2.onnx"), "-o", self.folder / "unused.mlirbc")
        footprint = json.loads(said)
        self.assertEqual([footprint["modelled"]["compute_ms"], footprint["modelled"]["link_ms"],
                          footprint["on_one_device"]["modelled"]["compute_ms"], footprint["on_one_device"]["macs"]],
                         [split["compute_ms"], split["link_ms"], split["one_device_ms"], split["macs"]])
        # Widths of few channels meet a number of MACs only so well.
        self.assertLess(abs(narrow["macs"] - split["macs"]), 0.15 * split["macs"])
        self.assertLess(narrow["macs"], original["macs"])

    def imported(self, model: Path) -> Path:
        module = self.folder / "imported.mlirbc"
        self.run_tool("lcp-translate", "--import-onnx", model, "-o", module)
        return module

    def test_a_killed_loop_goes_on_where_it_was(self) -> None:
        self.untrained()
        options = ("--factor=2", "--bound=0", "--epochs=5", *FAST)
        whole = self.design(*options, out=self.folder / "whole")
        self.assertEqual(0, whole.returncode, whole.stderr)
        self.kill_after(self.out / "split2.checkpoint", *options)
        self.assertFalse((self.out / "split2.json").exists(), "it was done before it was killed")
        again = self.design(*options)
        self.assertEqual(whole.stdout, again.stdout)
        self.assertNotIn("epoch 1/5", again.stderr.split("narrow")[0])
        self.assertIn("epoch 5/5", again.stderr)
        # And once it is done, nothing is trained again.
        third = self.design(*options)
        self.assertEqual((whole.stdout, ""), (third.stdout, third.stderr))
        for name in ("split2.onnx", "narrow-split2.onnx", "plot.png", "plot.svg"):
            self.assertEqual((self.folder / "whole" / name).read_bytes(), (self.out / name).read_bytes(), name)
        self.assertEqual([], list(self.out.glob("*.checkpoint")))

    def kill_after(self, path: Path, *options: str) -> None:
        process = subprocess.Popen([sys.executable, ROOT / "tools/lcp_train/lcp-train", "design", self.model,
                                    f"--data={self.data}", f"--output={self.out}", *options], stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 120
        while not path.exists() and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.005)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()

    def test_it_gives_up_at_the_widest_that_was_asked_for(self) -> None:
        self.untrained()
        self.learned()
        done = self.design("--factor=2", "--bound=1", "--step=50", "--max-fatten=50", *FROZEN)
        self.assertEqual(1, done.returncode, done.stdout)
        self.assertEqual(["original", "split2", "split2-f50"], [line.split()[0] for line in done.stdout.splitlines()[3:6]])
        self.assertIn("No narrow network: split2-f50 has more MACs than the original.", done.stdout)
        self.assertEqual("lcp-train: error: no split is within 1 points (50 percent is the most that was asked for); a smaller "
                         "--factor, --distill, more --epochs or a larger --max-fatten may do", done.stderr.splitlines()[-1])
        report = self.report()
        self.assertIsNone(report["met"])
        self.assertTrue((self.out / "plot.png").exists())
        # New channels are heard by nobody, so without training the function is that of the split.
        losses = [row["loss"] for row in report["rows"]]
        self.assertGreater(losses[1], 1)
        self.assertEqual(losses[1], losses[2])
        # With another bound the same rows do, and the first has its own narrow network.
        again = self.design("--factor=2", "--bound=99", "--step=50", "--max-fatten=50", *FROZEN)
        self.assertEqual(0, again.returncode, again.stderr)
        self.assertEqual(["narrow-split2: training"], [line for line in again.stderr.splitlines() if "training" in line])
        self.assertEqual("split2", self.report()["met"])
        # On another device they cost something else, and are no others.
        wifi = self.design("--factor=2", "--bound=99", *FROZEN, "--device=rpi3")
        self.assertEqual((0, ""), (wifi.returncode, wifi.stderr))
        link = self.report()["rows"][1]["cost"]["link_ms"]
        self.assertGreater(link, 2 * 8.83)

    def test_a_network_without_other_widths(self) -> None:
        """The sum of a layer and of a concatenation can be divided, and neither widened nor narrowed."""
        g = graph.Graph(3)
        x = g.node("Flatten", "flat", ["image"], axis=1)

        def dense(name: str, x: str, inputs: int, outputs: int) -> str:
            return g.node("Gemm", name, [x, g.constant(f"{name}.w", g.random.normal(size=(outputs, inputs)) * 0.1)], transB=1)
        joined = g.node("Concat", "joined", [dense("a", x, 784, 8), dense("b", x, 784, 8)], axis=1)
        dense("logits", g.node("Relu", "relu", [g.node("Add", "sum", [joined, dense("s", x, 784, 16)])]), 16, 10)
        g.save(self.model, "stiff", (1, 1, 28, 28), 10)
        self.learned()
        done = self.design("--factor=2", "--bound=0", *FROZEN, "--from=scratch")
        self.assertEqual(1, done.returncode)
        self.assertIn("'s' (lcp.dense) cannot be given another width: it has to match channels of several layers", done.stderr.splitlines()[-1])
        self.assertIn("No narrow network: ", done.stdout)
        self.assertEqual(["original", "split2"], [row["name"] for row in self.report()["rows"]])


class Refused(Designs):
    def test_mistakes_end_in_one_line_and_write_nothing(self) -> None:
        self.untrained()
        for arguments, said in (
                (("--factor=1",), "--factor: cannot be 1"),
                (("--factor=64",), "has 8 channels, too few for 64 branches"),
                (("--bound=-1",), "--bound: cannot be -1.0"),
                (("--step=0",), "--step: cannot be 0"),
                (("--max-fatten=2000",), "--max-fatten: cannot be 2000"),
                (("--device=",), "--device: cannot be "),
                (("--device=rpi9",), "unknown device 'rpi9'; known: "),
                (("--device=host",), "latency cannot be modelled for the device 'host': its file has no mac_per_s"),
                (("--split=fatten=20",), "--split: cannot have 'fatten=20'"),
                (("--split=round=up",), "round='up' is not spread or floor"),
                (("--data=/no",), "/no: there is no such file or folder"),
                (("--tools=/no",), "/no/lcp-translate: No such file or directory; build it, or say --tools=DIR")):
            with self.subTest(said=said):
                done = self.design("--factor=2", *FAST, *arguments)
                self.assertEqual(1, done.returncode)
                self.assertEqual(1, len(done.stderr.splitlines()), done.stderr)
                self.assertIn("lcp-train: error: ", done.stderr)
                self.assertIn(said, done.stderr)
                self.assertFalse(self.out.exists())

    def test_a_folder_that_is_in_use_or_holds_something_else(self) -> None:
        self.untrained()
        self.out.mkdir()
        with (self.out / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self.refuse("another run is at work in it", "--factor=2")
        (self.out / "design.json").write_text('{"factor": 4}')
        self.refuse("holds another design (model, data, factor, split, ", "--factor=2")
        (self.out / "design.json").write_text('{"factor"')
        self.refuse("design.json: is not a whole file", "--factor=2")
        (self.out / "design.json").unlink()
        (self.out / "original.json").write_text("{}")
        self.refuse("original.json: is not a whole row", "--factor=2")

    def refuse(self, said: str, *arguments: str) -> None:
        done = self.design(*arguments, *FAST)
        self.assertEqual(1, done.returncode)
        self.assertEqual(1, len(done.stderr.splitlines()), done.stderr)
        self.assertIn(said, done.stderr)


def cost(compute_ms: float, link_ms: float, one_device_ms: float, fits: bool = True) -> Cost:
    return Cost(1000, 2000, 4, compute_ms, link_ms, True, one_device_ms, fits, "peak")


class Comparison(unittest.TestCase):
    """Which choice is called better."""

    def outcome(self, original: Cost, split: Cost, narrow: Cost, accuracies: tuple[float, float, float]) -> Outcome:
        rows = [Row(name, kind, None, after, c) for name, kind, after, c in zip(
            ("original", "split4", "narrow-split4"), ("original", "split", "narrow"), accuracies, (original, split, narrow))]
        return Outcome(rows, rows[1])

    def test_many_devices(self) -> None:
        outcome = self.outcome(cost(600, 0, 600), cost(10, 40, 90), cost(80, 0, 80), (90, 89, 88))
        self.assertEqual("4 devices are the better choice: 1.8 times as fast as the best on one.", design_report.verdict(outcome))

    def test_one_device_by_the_narrow_network(self) -> None:
        outcome = self.outcome(cost(600, 0, 600), cost(10, 60, 90), cost(30, 0, 30), (90, 89, 89))
        self.assertEqual("the narrow network", design_report.best_on_one_device(outcome).title)
        self.assertEqual("One device is the better choice: no less accurate, and 2.3 times as fast as 4.",
                         design_report.verdict(outcome))

    def test_a_fast_network_that_knows_less_is_no_match(self) -> None:
        outcome = self.outcome(cost(600, 0, 600), cost(10, 60, 90), cost(30, 0, 30), (90, 89, 88.9))
        self.assertEqual("all branches of split4", design_report.best_on_one_device(outcome).title)

    def test_what_does_not_fit_one_device(self) -> None:
        outcome = self.outcome(cost(6, 0, 6, False), cost(10, 60, 9, False), cost(3, 0, 3, False), (90, 89, 89))
        self.assertEqual("No single device holds a network that is as accurate: 4 devices are what there is.",
                         design_report.verdict(outcome))
        self.assertIn("On one device, at best: nothing that is as accurate and fits.", design_report.summary(outcome, 3))


class Labels(unittest.TestCase):
    def test_none_hides_another_or_a_marker(self) -> None:
        import matplotlib
        matplotlib.use("Agg")
        from matplotlib import pyplot
        random = np.random.default_rng(1)
        points = [design_plot.Point(x, y, f"split8-f{10 * i}, 8 devices", "o", "#000000")
                  for i, (x, y) in enumerate(random.normal(1, 0.01, (14, 2)))]
        figure, axes = pyplot.subplots(figsize=(5, 4))
        design_plot.draw(axes, points, None)
        figure.canvas.draw()
        design_plot.place_labels(axes, points)
        renderer = figure.canvas.get_renderer()
        boxes = [text.get_window_extent(renderer) for text in axes.texts if text.get_text()]
        self.assertGreater(len(boxes), 10)
        for index, box in enumerate(boxes):
            self.assertFalse(any(box.overlaps(other) for other in boxes[:index]))
            self.assertFalse(any(box.contains(*axes.transData.transform(p[:2])) for p in points))


if __name__ == "__main__":
    torch.set_num_threads(1)
    unittest.main()
