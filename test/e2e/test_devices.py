"""Splits for unlike devices: shares of the widths, by the remark that lcp-opt makes,
against a mask derived from those shares, and the modelled times against the
device files."""

import json
import re
import unittest
from pathlib import Path

import masking
import numpy as np
import onnx
import test_networks
from lcp import FULL, MODELS, ROOT, build, random_image, referee
from workers import Workers

DEVICES = ("rpi4", "pynq-z1", "rpi4")
BRANCH = re.compile(r"([\w.-]+) ([\d.]+) % \(([\d.]+) \+ ([\d.]+)\)")


def read_remark(stderr: str) -> tuple[list[str], list[int], list[float]]:
    """The devices, shares in hundredths of a percent, and modelled ms of the branches."""
    found = BRANCH.findall(next(line for line in stderr.splitlines() if "shares of the widths" in line))
    return ([name for name, *_ in found], [round(100 * float(share)) for _, share, *_ in found],
            [float(compute) + float(link) for *_, compute, link in found])


def figure(device: str, key: str) -> float:
    text = (ROOT / f"targets/devices/{device}.yaml").read_text()
    return float(re.search(rf"^\s*{key}: (\S+)", text, re.M)[1])


class UnlikeDevices(test_networks.Splits):
    def split(self, module: Path, options: str, *flags: str) -> tuple[Path, str, str]:
        """The split, what was printed, and the remarks."""
        out = self.folder / f"{module.stem}-split.mlirbc"
        done = self.succeed("lcp-opt", f"--lcp-split={options}", *flags, module, "-o", out)
        return out, done.stdout, done.stderr

    def simplified(self, name: str) -> tuple[Path, np.ndarray]:
        model = self.folder / f"{name}.onnx"
        image = random_image(build.make_narrow(name, model))
        return self.optimised(self.imported(model), "--lcp-simplify", suffix="simple"), image

    def test_they_are_the_network_masked_by_their_shares(self) -> None:
        for name in ("resnet18", "mobilenet_v1", "densenet121", "inception_v1", "lenet_fc"):
            with self.subTest(name):
                simple, image = self.simplified(name)
                split, _, remarks = self.split(simple, f"factor=3 device={','.join(DEVICES)}")
                self.check_structure(split, 3)
                _, shares, _ = read_remark(remarks)
                self.assertGreater(shares[0], 1.2 * shares[1])
                expected = referee(self.exported(split), image)
                self.assert_close(expected, self.run_bundle(self.compile(split), image))
                twin = masking.MaskedTwin(onnx.load(self.exported(simple)), 3, shares=shares)
                self.assertEqual(sum(twin.kept.values()), masking.count_weights(onnx.load(self.exported(split))))
                self.assert_close(referee(self.write(twin), image), expected, 1e-5)

    @unittest.skipIf(FULL, "wide sums are not exact")
    def test_in_whole_numbers_they_are_exactly_that(self) -> None:
        for name in ("resnet18", "squeezenet"):
            with self.subTest(name):
                simple, image = self.simplified(name)
                model = onnx.load(self.exported(simple))
                self.assertTrue(masking.draw_whole_numbers(model, seed=1))
                drawn = self.folder / "drawn.onnx"
                onnx.save(model, str(drawn))
                image = np.random.default_rng(1).integers(-2, 3, image.shape).astype(np.float32)
                split, _, remarks = self.split(self.imported(drawn), f"device={','.join(DEVICES)}")
                twin = masking.MaskedTwin(onnx.load(drawn), 3, shares=read_remark(remarks)[1])
                masked = referee(self.write(twin), image)
                self.assertLess(np.abs(masked).max(), 2.0**22, "the sums are no longer exact")
                np.testing.assert_array_equal(masked, referee(self.exported(split), image))
                self.assert_differs(referee(drawn, image), masked)

    def test_with_other_options(self) -> None:
        simple, image = self.simplified("resnet18")
        for options in ("fatten=30 merge=sum-logits", "assign=affinity merge=auto"):
            with self.subTest(options):
                split, _, _ = self.split(simple, f"device={','.join(DEVICES)} {options}")
                self.check_structure(split, 3)
                self.assert_close(referee(self.exported(split), image), self.run_bundle(self.compile(split), image))

    def test_branches_of_resnet18_end_together(self) -> None:
        """Within 3 % of each other; and the remark has the times of the device files."""
        model = self.folder / "resnet18.onnx"
        build.make("resnet18", model)
        _, counts, remarks = self.split(self.imported(model), f"device={','.join(DEVICES)}",
                                        "--lcp-print-footprint=json=true")
        names, _, times = read_remark(remarks)
        self.assertEqual(list(DEVICES), names)
        self.assertLess(max(times), 1.03 * min(times))
        for device, ms, branch in zip(DEVICES, times, json.loads(counts)["devices"], strict=True):
            seconds = (branch["macs"] / figure(device, "mac_per_s") + 2 * figure(device, "latency_s")
                       + 8 * (branch["bytes_in"] + branch["bytes_out"]) / figure(device, "bandwidth_bits_per_s"))
            self.assertAlmostEqual(1e3 * seconds, ms, delta=0.011)


class ClusterFile(Workers):
    def test_one_file_divides_and_runs(self) -> None:
        """Widths by the file's devices; then the workers' addresses are written into it."""
        image = random_image((1, 1, 28, 28))
        cluster = self.folder / "cluster.yaml"

        def write(addresses: list[str]) -> None:
            cluster.write_text("workers:\n" + "".join(
                f"  - address: {a}\n    device: {d}\n" for a, d in zip(addresses, ("rpi4", "pynq-z1"))))

        write(["127.0.0.1:1", "127.0.0.1:2"])
        split = self.optimised(self.imported(MODELS / "lenet-digits.onnx"), f"--lcp-split=cluster={cluster}",
                               suffix="split")
        self.bundle = self.compile(split)
        write(self.two_workers())
        self.assert_close(referee(self.exported(split), image),
                          self.run_bundle(self.bundle, image, f"--cluster={cluster}"))

    def test_an_unknown_device_is_said(self) -> None:
        cluster = self.cluster_file(["127.0.0.1:1"])
        cluster.write_text(cluster.read_text() + "    device: rpi33\n")
        self.assertRegex(self.refused(cluster), r"cluster.yaml:3: unknown device 'rpi33'; known: .*rpi3, rpi4")


if __name__ == "__main__":
    unittest.main()
