"""Whole networks, their widths form and their split form against ONNX Runtime."""

import re
import unittest
from pathlib import Path

import numpy as np
import onnx

from lcp import FULL, MODELS, ROOT, Case, build, random_image, referee

EXPORTED = ROOT / "test/models/exported"


class Network:
    """The checks that hold for every network; a subclass names the network."""

    shape: tuple[int, ...]

    def model(self) -> Path:
        raise NotImplementedError

    def test_the_whole_network_answers_like_the_referee(self: Case) -> None:
        model, image = self.model(), random_image(self.shape)
        self.assert_close(referee(model, image), self.run_bundle(self.compile(model), image))

    def test_the_widths_form_is_the_same_function(self: Case) -> None:
        model, image = self.model(), random_image(self.shape)
        widths = self.optimised(self.imported(model), "--lcp-plan-split=4", "--lcp-split-widths", suffix="widths")
        self.assert_close(referee(model, image), self.run_bundle(self.compile(widths), image))

    def test_the_split_form_answers_like_the_referee_on_its_export(self: Case) -> None:
        image = random_image(self.shape)
        split = self.optimised(self.imported(self.model()), "--lcp-split=4", suffix="split")
        expected = referee(self.exported(split), image)
        self.assert_close(expected, self.run_bundle(self.compile(split), image))

    def test_an_exported_network_is_the_same_function(self: Case) -> None:
        model, image = self.model(), random_image(self.shape)
        self.assert_close(referee(model, image), referee(self.exported(self.imported(model)), image))


class LeNet(Network, Case):
    shape = (1, 1, 28, 28)

    def model(self) -> Path:
        return MODELS / "lenet-digits.onnx"

    def test_split_in_four_is_one_parallel_op_of_four_regions(self) -> None:
        text = self.succeed("lcp-opt", "--lcp-split=4", self.imported(self.model())).stdout
        self.assertEqual(1, len(re.findall(r"\blcp\.parallel\b", text)))
        self.assertEqual(4, len(re.findall(r"\blcp\.yield\b", text)))

    def test_a_split_model_says_that_it_is_untrained(self) -> None:
        split = self.optimised(self.imported(self.model()), "--lcp-split=4", suffix="split")
        bundle = self.folder / "split.fb"
        said = self.succeed("lcp-compile", "--target=host", split, "-o", bundle).stderr
        self.assertRegex(said, "split in 4 and not trained")


class ResNet18(Network, Case):
    """Full width, 224 x 224, seeded random weights."""

    shape = (1, 3, 224, 224)

    def model(self) -> Path:
        path = self.folder / "resnet18.onnx"
        if not path.exists():
            build.make("resnet18", path)
        return path


class MobileNetV2(Network, Case):
    """Half width on small images; in full with --full."""

    shape = (1, 3, 224, 224) if FULL else (1, 3, 96, 96)

    def model(self) -> Path:
        path = self.folder / "mobilenet.onnx"
        if not path.exists():
            build.make("mobilenet_v2", path, width=1.0 if FULL else 0.5, image=self.shape[-1])
        return path


class Exported(Case):
    """What torch.onnx writes imports unedited."""

    def check(self, name: str) -> None:
        image = random_image((1, 3, 64, 64))
        self.assert_close(referee(EXPORTED / name, image), self.run_bundle(self.compile(EXPORTED / name), image))

    def test_resnet18(self) -> None:
        self.check("torch-resnet18.onnx")

    def test_mobilenet_v2(self) -> None:
        self.check("torch-mobilenet-v2.onnx")


class Shipped(Case):
    """The retrained split network that the project ships."""

    split = MODELS / "lenet-digits-split4.onnx"

    def digits(self, count: int) -> tuple[np.ndarray, np.ndarray]:
        images = np.load(MODELS / "digits-images.npy").astype(np.float32) / np.float32(255)
        return images[:count], np.load(MODELS / "digits-labels.npy")[:count]

    def test_its_four_branches_are_there_after_the_import(self) -> None:
        text = self.succeed("lcp-translate", "--import-onnx", self.split, "-o", "-").stdout
        self.assertEqual(1, len(re.findall(r"\blcp\.parallel\b", text)))
        self.assertEqual(4, len(re.findall(r"\blcp\.yield\b", text)))

    def test_its_branches_are_found_without_metadata_too(self) -> None:
        model = onnx.load(str(self.split))
        del model.metadata_props[:]
        for node in model.graph.node:
            node.ClearField("metadata_props")
        bare = self.folder / "bare.onnx"
        onnx.save(model, str(bare))
        text = self.succeed("lcp-opt", "--lcp-form-branches", self.imported(bare)).stdout
        self.assertEqual(1, len(re.findall(r"\blcp\.parallel\b", text)))
        self.assertEqual(4, len(re.findall(r"\blcp\.yield\b", text)))

    def test_it_answers_like_the_referee(self) -> None:
        bundle = self.compile(self.split)
        for image in self.digits(5)[0]:
            self.assert_close(referee(self.split, image[None]), self.run_bundle(bundle, image[None]))

    def test_both_models_are_as_accurate_as_they_say(self) -> None:
        images, labels = self.digits(450)
        accuracy = {}
        for path in (MODELS / "lenet-digits.onnx", self.split):
            answers = [referee(path, image[None]).argmax() for image in images]
            accuracy[path.name] = 100 * float(np.mean(np.array(answers) == labels))
        original, split = accuracy.values()
        self.assertGreaterEqual(original, 97)
        self.assertGreaterEqual(split, original - 1)


if __name__ == "__main__":
    unittest.main()
