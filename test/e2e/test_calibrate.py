"""lcp-run --calibrate-device: a device file of what this machine reached."""

import json
import os
import shutil
import subprocess
import time
import unittest
from pathlib import Path

import yaml
from lcp import BIN, MODELS, RUN, Case

KINDS = {"conv3x3", "conv1x1", "depthwise", "dense", "other"}


class Calibrate(Case):
    def setUp(self) -> None:
        super().setUp()
        self.counts, self.file = self.folder / "counts.json", self.folder / "devices/mine.yaml"
        self.file.parent.mkdir()

    def command(self, bundle: Path, file: Path | None = None, seconds: float = 0.1) -> list[str | Path]:
        return ["lcp-run", bundle, "--benchmark", f"--min-time={seconds}", "--threads=1", f"--counts={self.counts}",
                f"--calibrate-device={file or self.file}"]

    def test_the_file_is_a_device(self) -> None:
        bundle = self.compile(MODELS / "lenet-digits.onnx", f"--report={self.counts}")
        self.file.write_text("what was there before")
        self.succeed(*self.command(bundle))
        self.assertEqual(["mine.yaml"], os.listdir(self.file.parent))
        self.assertNotIn("/", self.file.read_text(), "a path of this machine")
        device = yaml.safe_load(self.file.read_text())
        self.assertEqual(("mine", "cpu", 1), (device["name"], device["kind"], device["cores"]))
        efficiency = device["efficiency"]
        self.assertEqual("measured", efficiency.pop("source"))
        self.assertEqual(KINDS, set(efficiency))
        # LeNet has 5x5 convolutions and dense layers; the mean stands for the others.
        self.assertEqual(1, max(efficiency[kind] for kind in ("dense", "other")))
        mean = {efficiency[kind] for kind in ("conv3x3", "conv1x1", "depthwise")}
        self.assertEqual(1, len(mean))
        self.assertTrue(min(efficiency["dense"], efficiency["other"]) <= mean.pop() <= 1)
        self.assertGreater(float(device["mac_per_s"]), 1e6)

    def test_lcp_opt_takes_it_back(self) -> None:
        """Copied beside a copy of the tool; what the whole network took is what it is modelled to take."""
        bundle = self.compile(MODELS / "lenet-digits.onnx", f"--report={self.counts}")
        report = json.loads(self.succeed(*self.command(bundle), "--json").stdout)
        devices = self.folder / "share/lcp/devices"
        devices.mkdir(parents=True)
        link = "link: {bandwidth_bits_per_s: 1e9, latency_s: 0.001}\n"
        (devices / "mine.yaml").write_text(self.file.read_text() + link)
        (self.folder / "bin").mkdir()
        shutil.copy(BIN / "lcp-opt", self.folder / "bin")
        module = self.imported(MODELS / "lenet-digits.onnx")
        printed = self.succeed(str(self.folder / "bin/lcp-opt"), "--lcp-print-footprint=device=mine json=true", module,
                               "-o", self.folder / "unused.mlirbc").stdout
        modelled = json.loads(printed)["modelled"]
        self.assertEqual("measured", modelled["efficiency"])
        self.assertAlmostEqual(1, modelled["compute_ms"] / report["benchmark"]["median_ms"], delta=0.01)

    def test_no_link_costs_no_benchmark(self) -> None:
        """Neither a worker on this machine, to which there is no link, nor one that is off."""
        bundle = self.compile(MODELS / "lenet-digits.onnx", f"--report={self.counts}")
        worker = subprocess.Popen([RUN, "--serve=127.0.0.1:0", str(bundle)], stdin=subprocess.DEVNULL,
                                  stdout=subprocess.PIPE, text=True)
        self.addCleanup(worker.communicate)
        self.addCleanup(worker.kill)
        address, cluster = worker.stdout.readline().split()[1], self.folder / "cluster.yaml"
        begin = time.monotonic()
        for workers, why in ((["127.0.0.1:1", address, "local"], "no worker is on another machine"),
                             ([address, "192.0.2.1:9000"], "192.0.2.1:9000: it is on another machine: that needs --tls")):
            cluster.write_text("workers:\n" + "".join(f"  - address: {worker}\n" for worker in workers))
            said = self.refuse(*self.command(bundle, seconds=60), f"--cluster={cluster}")
            self.assertIn(f"cluster.yaml: no link could be measured ({why}", said)
        self.assertLess(time.monotonic() - begin, 50)
        self.assertEqual([], os.listdir(self.file.parent))

    def test_what_it_cannot_use(self) -> None:
        whole = self.compile(MODELS / "lenet-digits.onnx", f"--report={self.counts}")
        split = self.compile(MODELS / "lenet-digits-split4.onnx")
        self.assertIn("wants a whole network", self.refuse(*self.command(split)))
        for name in ("mine", "mine.txt", "my device.yaml", "x:.yaml", ".yaml", "4.yaml"):
            with self.subTest(name):
                said = self.refuse(*self.command(whole, self.file.with_name(name)))
                self.assertIn("does not name a device", said)
        report = self.counts.read_text()
        for text in ("", "[]", "{", report.replace('"kind"', '"sort"'), report.replace('"macs": ', '"macs": "a",  "b": ')):
            with self.subTest(text[:20]):
                self.counts.write_text(text)
                self.assertIn("is not a report that lcp-compile --report wrote", self.refuse(*self.command(whole)))
        self.counts.write_text("{}")
        self.assertIn("of its 0 layers 0 ran", self.refuse(*self.command(whole)))
        # Its first branch has layers of the same names.
        self.compile(MODELS / "lenet-digits-split4.onnx", f"--report={self.counts}")
        self.assertIn("is not the report of", self.refuse(*self.command(whole)))
        self.assertEqual([], os.listdir(self.file.parent))
        self.assertIn("--counts", self.refuse("lcp-run", whole, "--benchmark", f"--calibrate-device={self.file}"))


if __name__ == "__main__":
    unittest.main()
