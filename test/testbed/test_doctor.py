"""What lcp-run --doctor and --calibrate-device say of links: those of a bed, which are as fast as it was told to make them."""

import re
import sys
import unittest
from pathlib import Path

import yaml

sys.path[:0] = [str(Path(__file__).resolve().parents[1]), str(Path(__file__).resolve().parents[1] / "e2e")]

from lcp import MODELS, RUN, Case  # noqa: E402
from testbed import Bed, Link, certificates, missing  # noqa: E402

MODEL = Path(__file__).resolve().parents[1] / "e2e/Inputs/two-stages.mlir"
NETWORK = MODELS / "lenet-digits.onnx"


@unittest.skipIf(missing(), missing())
class Doctor(Case):
    def test_slow_links_and_lost_devices(self) -> None:
        bundle, rate = self.folder / "model.fb", 50e6
        self.succeed("lcp-compile", "--target=host", MODEL, "-o", bundle)
        bed = Bed(3, Link("switch", rate, 0.002))
        self.addCleanup(bed.remove)
        tls = certificates.make(self.folder / "tls", bed)
        for device in bed.devices:
            worker = device.start(RUN, f"--serve={device.inner_address}", bundle, f"--tls={tls}", "--allow-unsigned",
                                  stdout=-1, stderr=-1)
            self.assertRegex(worker.stdout.readline(), r"^ready ")
        bed.devices[2].unplug()
        cluster = self.folder / "cluster.yaml"
        kinds = ("rpi3", "rpi4", "rpi4")  # their links: 62 Mbit/s and a gigabit
        cluster.write_text("workers:\n" + "".join(f"  - {{address: {d.address}, device: {kind}}}\n"
                                                  for d, kind in zip(bed.devices, kinds)))
        done = bed.coordinator.run(RUN, bundle, f"--cluster={cluster}", "--doctor", f"--tls={tls}", "--deadline-ms=4000")
        self.assertEqual(1, done.returncode, done.stdout + done.stderr)
        _, slower, slow, lost, _ = done.stdout.split("\n\n")
        for block in (slower, slow):
            trip = float(re.search(r"round trip   p50 ([\d.]+) ms.*; after pauses ", block)[1])
            self.assertTrue(4 <= trip < 15, block)
            for found in re.search(r"bandwidth    ([\d.]+) Mbit/s to it, ([\d.]+) Mbit/s from it", block).groups():
                self.assertTrue(0.6 * rate < float(found) * 1e6 < 1.4 * rate, block)
        self.assertIn("to mend      its link is slow", slow)
        self.assertRegex(lost, r"\n  reached      no\n  to mend      no answer ")

    def test_calibration_measures_the_same_link(self) -> None:
        bundle, counts, rate = self.folder / "model.fb", self.folder / "counts.json", 50e6
        self.succeed("lcp-compile", "--target=host", NETWORK, "-o", bundle, f"--report={counts}")
        bed = Bed(1, Link("switch", rate, 0.002))
        self.addCleanup(bed.remove)
        tls, device = certificates.make(self.folder / "tls", bed), bed.devices[0]
        worker = device.start(RUN, f"--serve={device.inner_address}", bundle, f"--tls={tls}", "--allow-unsigned",
                              stdout=-1, stderr=-1)
        self.assertRegex(worker.stdout.readline(), r"^ready ")
        cluster, file = self.folder / "cluster.yaml", self.folder / "mine.yaml"
        cluster.write_text(f"workers:\n  - address: local\n  - address: {device.address}\n")
        done = bed.coordinator.run(RUN, bundle, f"--cluster={cluster}", f"--tls={tls}", "--benchmark", "--min-time=0.1",
                                   f"--counts={counts}", f"--calibrate-device={file}")
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)
        link = yaml.safe_load(file.read_text())["link"]
        self.assertTrue(0.6 * rate < float(link["bandwidth_bits_per_s"]) < 1.4 * rate, link)
        self.assertTrue(0.002 <= float(link["latency_s"]) < 0.0075, link)


if __name__ == "__main__":
    unittest.main()
