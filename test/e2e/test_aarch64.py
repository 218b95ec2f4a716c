"""The same inputs give the same answers on the host and on aarch64 under qemu."""

import subprocess
import unittest

import numpy as np

from lcp import AARCH64_RUN, MODELS, QEMU, RUN, Case, build, random_image, referee


@unittest.skipUnless(AARCH64_RUN.exists(), "preset runtime-aarch64 is not built")
class Aarch64(Case):
    def check(self, model, shape: tuple[int, ...], target: str) -> None:
        image = random_image(shape)
        here = self.run_bundle(self.compile(model), image)
        bundle = self.compile(model, f"--head-target={target}", target=target)
        there = self.run_bundle(bundle, image, name=str(AARCH64_RUN), prefix=QEMU)
        self.assert_close(here, there)

    def test_lenet_on_rpi3(self) -> None:
        self.check(MODELS / "lenet-digits.onnx", (1, 1, 28, 28), "rpi3")

    def test_split_lenet_on_rpi4(self) -> None:
        self.check(MODELS / "lenet-digits-split4.onnx", (1, 1, 28, 28), "rpi4")

    def test_resnet18_on_rpi3(self) -> None:
        model = self.folder / "resnet18.onnx"
        build.make("resnet18", model, width=0.25, image=64, classes=10)
        self.check(model, (1, 3, 64, 64), "rpi3")

    def test_mobilenet_v2_on_rpi4(self) -> None:
        model = self.folder / "mobilenet.onnx"
        build.make("mobilenet_v2", model, width=0.25, image=64, classes=10)
        self.check(model, (1, 3, 64, 64), "rpi4")

    def serve(self, *command: object) -> str:
        """Starts a worker; its address."""
        worker = subprocess.Popen([str(c) for c in command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, text=True)
        self.addCleanup(worker.communicate)
        self.addCleanup(worker.kill)
        ready = worker.stdout.readline()
        self.assertRegex(ready, r"^ready \S+:\d+ ", worker.poll() is not None and worker.stderr.read())
        return ready.split()[1]

    def test_workers_of_two_architectures_give_one_answer(self) -> None:
        """Branches 0 and 1 on Raspberry Pis, 2 and 3 and the coordinator here."""
        model, image = MODELS / "lenet-digits-split4.onnx", random_image((1, 1, 28, 28))
        bundle = self.compile(model, target="rpi3,rpi4,host")
        runs = [(*QEMU, AARCH64_RUN)] * 2 + [(RUN,)] * 2
        addresses = [self.serve(*run, "--serve=127.0.0.1:0", bundle, f"--branch={b}") for b, run in enumerate(runs)]
        cluster = self.folder / "cluster.yaml"
        cluster.write_text("workers:\n" + "".join(f"  - address: {a}\n" for a in addresses))
        self.assert_close(self.run_bundle(self.compile(model), image),
                          self.run_bundle(bundle, image, f"--cluster={cluster}"))

    def test_a_split_for_unlike_devices(self) -> None:
        """Two Raspberry Pis and a PYNQ-Z1, whose engine computes in int8."""
        split = self.optimised(self.imported(MODELS / "lenet-digits.onnx"),
                               "--lcp-split=device=rpi4,rpi3,pynq-z1", suffix="split")
        image = random_image((1, 1, 28, 28))
        np.save(self.folder / "calibration.npy", image)
        bundle = self.compile(split, f"--calibrate={self.folder / 'calibration.npy'}", target="rpi4,rpi3,pynq-gemm")
        runs = [(*QEMU, AARCH64_RUN)] * 2 + [(RUN,)]
        addresses = [self.serve(*run, "--serve=127.0.0.1:0", bundle, f"--branch={b}") for b, run in enumerate(runs)]
        cluster = self.folder / "cluster.yaml"
        cluster.write_text("workers:\n" + "".join(
            f"  - {{address: '{a}', device: {d}}}\n" for a, d in zip(addresses, ("rpi4", "rpi3", "pynq-z1"))))
        self.assert_close(referee(self.exported(split), image),
                          self.run_bundle(bundle, image, f"--cluster={cluster}"), 0.05)

    def test_a_bundle_for_another_machine_is_refused(self) -> None:
        bundle = self.compile(MODELS / "lenet-digits.onnx", target="rpi3")
        self.assertIn("aarch64", self.refuse("lcp-run", bundle, "--benchmark"))


if __name__ == "__main__":
    unittest.main()
