"""lcp-compile --int8: the same integers as the reference, on every CPU, and an
answer near the one in floating point."""

import unittest
from pathlib import Path

import numpy as np

from lcp import AARCH64_RUN, MODELS, QEMU, RUN, Case, build, random_image, referee


class Int8(Case):
    def compile_int8(self, model: Path, shape: tuple[int, ...], target: str) -> Path:
        """A bundle with one golden set, calibrated on that input and others."""
        samples, golden = self.folder / "samples.npy", self.folder / "golden.npy"
        np.save(samples, np.concatenate([random_image(shape, seed) for seed in range(1, 5)]))
        np.save(golden, random_image(shape))
        return self.compile(model, "--int8", f"--calibrate={samples}", f"--golden={golden}",
                            f"--head-target={target}", target=target)

    def check(self, model: Path, shape: tuple[int, ...], target: str = "host") -> None:
        bundle = self.compile_int8(model, shape, target)
        run = (RUN,) if target == "host" else (*QEMU, AARCH64_RUN)
        said = self.succeed(str(run[-1]), bundle, "--verify", prefix=run[:-1]).stdout
        self.assertRegex(said, r"error 0, .*: ok")
        image = random_image(shape)
        answer = self.run_bundle(bundle, image, name=str(run[-1]), prefix=run[:-1])
        self.assert_close(referee(model, image), answer, 0.1)

    def network(self, name: str) -> Path:
        model = self.folder / f"{name}.onnx"
        build.make(name, model, width=0.25, image=64, classes=10)
        return model

    def test_lenet(self) -> None:
        self.check(MODELS / "lenet-digits.onnx", (1, 1, 28, 28))

    def test_split_lenet(self) -> None:
        self.check(MODELS / "lenet-digits-split4.onnx", (1, 1, 28, 28))

    def test_resnet18(self) -> None:
        self.check(self.network("resnet18"), (1, 3, 64, 64))

    def test_mobilenet_v2(self) -> None:
        self.check(self.network("mobilenet_v2"), (1, 3, 64, 64))

    def test_sigmoids_stay_between_integers(self) -> None:
        self.succeed("lcp-run", self.compile_int8(self.network("efficientnet_b0"), (1, 3, 64, 64), "host"), "--verify")

    @unittest.skipUnless(AARCH64_RUN.exists(), "preset runtime-aarch64 is not built")
    def test_resnet18_on_rpi4(self) -> None:
        self.check(self.network("resnet18"), (1, 3, 64, 64), "rpi4")

    @unittest.skipUnless(AARCH64_RUN.exists(), "preset runtime-aarch64 is not built")
    def test_mobilenet_v2_on_rpi5(self) -> None:
        self.check(self.network("mobilenet_v2"), (1, 3, 64, 64), "rpi5")

    def test_what_computes_in_integers_anyway_is_not_asked_to(self) -> None:
        said = self.refuse("lcp-compile", "--target=pynq-gemm", "--int8", MODELS / "lenet-digits.onnx",
                           "-o", self.folder / "none.fb")
        self.assertIn("--int8 is for CPUs: 'pynq-gemm' computes in integers without it", said)


if __name__ == "__main__":
    unittest.main()
