"""As many devices as the published fleets have, of unlike kinds, on one radio channel."""

import sys
import unittest
from pathlib import Path

import numpy as np

sys.path[:0] = [str(Path(__file__).resolve().parents[1]), str(Path(__file__).resolve().parents[1] / "e2e")]

from lcp import AARCH64_RUN, QEMU, RUN, Case, build, random_image  # noqa: E402
from testbed import Bed, Link, certificates, missing  # noqa: E402

BRANCHES, DEVICES, RASPBERRIES = 8, 10, 2


@unittest.skipIf(missing("wifi"), missing("wifi"))
@unittest.skipUnless(AARCH64_RUN.exists(), "preset runtime-aarch64 is not built")
class MixedFleet(Case):
    def test_two_raspberries_and_eight_instances(self) -> None:
        """A network in eight. Branches 0 and 1 are on Raspberry Pis, in qemu; the last two
        devices are instances that stand in for branches 2 and 3."""
        model = self.folder / "cifarnet.onnx"
        build.make("cifarnet", model)
        imported, divided = self.folder / "model.mlirbc", self.folder / "divided.mlirbc"
        self.succeed("lcp-translate", "--import-onnx", model, "-o", imported)
        self.succeed("lcp-opt", "--lcp-simplify", f"--lcp-split={BRANCHES}", imported, "-o", divided)
        bundle = self.compile(divided, target="rpi3,rpi4,host")
        bed = Bed(DEVICES, Link.of_device("rpi3", "wifi"))
        self.addCleanup(bed.remove)
        tls = certificates.make(self.folder / "tls", bed)
        branches = [*range(BRANCHES), 2, 3]
        workers = [device.start(*((*QEMU, AARCH64_RUN) if d < RASPBERRIES else (RUN,)), f"--serve={device.inner_address}",
                                bundle, f"--branch={branches[d]}", "--threads=1", f"--tls={tls}", stdout=-1, stderr=-1)
                   for d, device in enumerate(bed.devices)]
        for worker in workers:
            self.assertRegex(worker.stdout.readline(), r"^ready ")
        cluster = self.folder / "cluster.yaml"
        cluster.write_text("workers:\n" + "".join(f"  - {{address: '{device.address}', branches: [{branches[d]}]}}\n"
                                                  for d, device in enumerate(bed.devices)))
        here = self.run_bundle(self.compile(divided), random_image((1, 3, 32, 32)))

        def ask() -> np.ndarray:
            there = self.folder / "there.npy"
            done = bed.coordinator.run(RUN, bundle, f"--cluster={cluster}", f"--tls={tls}",
                                       f"--input={self.folder / 'in.npy'}", f"--output={there}")
            self.assertEqual(0, done.returncode, done.stderr)
            return np.load(there)

        self.assert_close(here, ask())
        for stopped in workers[2:4]:  # their branches have other devices
            stopped.kill()
            stopped.wait()
        self.assert_close(here, ask())


if __name__ == "__main__":
    unittest.main()
