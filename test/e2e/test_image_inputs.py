"""Images on their way to workers: as small as they came, and the same answer, bit for bit."""

import json
import os
import subprocess
import unittest
from pathlib import Path

import numpy as np
from PIL import Image

from lcp import RUN, build
from workers import Workers

try:
    import tritonclient.grpc as triton
except ImportError:
    triton = None

SIDE = 224


class ImageInputs(Workers):
    """ResNet-18 made small, in four branches; of a photograph and of other files."""

    def setUp(self) -> None:
        super().setUp()
        model = self.folder / "small.onnx"
        build.make("resnet18", model, width=0.125, image=SIDE, classes=10)
        split = self.optimised(self.imported(model), "--lcp-simplify", "--lcp-split=4", suffix="split")
        labels = self.folder / "labels.txt"
        labels.write_text("".join(f"class {i}\n" for i in range(10)))
        self.bundle, self.report = self.folder / "small.fb", self.folder / "report.json"
        self.succeed("lcp-compile", "--target=host", "--image=mean=123,117,104,scale=0.017", f"--labels={labels}",
                     split, "-o", self.bundle, f"--report={self.report}")

    def picture(self, name: str, side: int = SIDE, **options: int) -> Path:
        """Some detail everywhere, more in large than in small, as in photographs."""
        random, path = np.random.default_rng(1), self.folder / name
        layers = [np.kron(random.normal(size=(side // n, side // n, 3)), np.ones((n, n, 1))) * n for n in (1, 2, 4, 8, 16, 32)]
        Image.fromarray(np.clip(128 + 6 * sum(layers), 0, 255).astype(np.uint8)).save(path, **options)
        return path

    def start(self) -> Path:
        return self.cluster_file([self.serve(f"--branch={b}")[0] for b in range(4)])

    def answer(self, image: Path, *flags: str) -> np.ndarray:
        out = self.folder / "out.npy"
        self.succeed("lcp-run", self.bundle, f"--input={image}", f"--output={out}", *flags)
        return np.load(out)

    def traffic(self, image: Path, cluster: Path, *flags: str) -> dict[str, int]:
        done = self.succeed("lcp-run", self.bundle, f"--input={image}", f"--cluster={cluster}", "--benchmark", "--json",
                            "--warmup=0", "--iterations=3", "--min-time=0", *flags)
        return json.loads(done.stdout)["traffic"]

    def compiled_bytes(self, input_bytes: int) -> int:
        """What the compiler's report predicts, of an input of that size in place of its pixels."""
        report = json.loads(self.report.read_text())
        counted = report["input_traffic"]
        self.assertEqual({"form": "pixels", "bytes": 3 * SIDE * SIDE, "receivers": 4}, counted)
        carried = sum(d["bytes_in"] + d["bytes_out"] for d in report["devices"][:-1])
        return carried - counted["receivers"] * (counted["bytes"] - input_bytes)

    def test_the_smallest_form_goes_and_the_answer_stays(self) -> None:
        cluster = self.start()
        pixels, floats = self.folder / "pixels.npy", self.folder / "floats.npy"
        np.save(pixels, np.asarray(Image.open(self.picture("a.png"))).transpose(2, 0, 1)[None])
        np.save(floats, np.random.default_rng(2).normal(size=(1, 3, SIDE, SIDE)).astype(np.float32))
        elements = 3 * SIDE * SIDE
        for image, sent in ((self.picture("a.jpg", quality=90), None), (self.picture("scaled.jpg", 2 * SIDE), None),
                            (pixels, elements), (floats, 4 * elements)):
            with self.subTest(image.name):
                size = sent or image.stat().st_size
                self.assertLess(size, 4 * elements + 1)
                self.assertTrue(np.array_equal(self.answer(image), self.answer(image, f"--cluster={cluster}")))
                found = self.traffic(image, cluster)
                self.assertEqual(4 * size, found["predicted_sent_bytes"])
                self.assertEqual(self.compiled_bytes(size),
                                 found["predicted_sent_bytes"] + found["predicted_received_bytes"])
                said = found["sent_bytes"] + found["received_bytes"]
                self.assertGreater(said, self.compiled_bytes(size))
                self.assertLess(said, 1.03 * self.compiled_bytes(size))

    def test_a_benchmark_begins_with_what_workers_begin_with(self) -> None:
        pixels, floats = self.folder / "pixels.npy", self.folder / "floats.npy"
        np.save(pixels, np.zeros((1, 3, SIDE, SIDE), np.uint8))
        np.save(floats, np.zeros((1, 3, SIDE, SIDE), np.float32))
        for image, form in ((self.picture("a.jpg"), "file"), (pixels, "pixels"), (floats, "elements")):
            flags = ("lcp-run", self.bundle, f"--input={image}", "--benchmark", "--warmup=0", "--iterations=2", "--min-time=0")
            self.assertEqual(form, json.loads(self.succeed(*flags, "--json").stdout)["benchmark"]["input"])
            said = {"file": "threads, decoding the input's file included)", "elements": "threads)",
                    "pixels": "threads, preprocessing the input's pixels included)"}
            self.assertIn(said[form], self.succeed(*flags).stdout)

    def test_a_benchmark_of_a_stack_reads_its_first_image(self) -> None:
        """In a stack of many the others cost it no memory; the pixels of all are 30 MB."""
        pixels = self.folder / "pixels.npy"
        np.save(pixels, np.random.default_rng(3).integers(0, 256, (200, 3, SIDE, SIDE), np.uint8))

        def peak(*flags: str) -> int:
            command = [RUN, self.bundle, f"--input={pixels}", "--threads=1", *flags]
            process = subprocess.Popen([str(c) for c in command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            self.assertEqual(0, process.returncode)
            return usage.ru_maxrss << 10

        benchmark = peak("--benchmark", "--warmup=0", "--iterations=2", "--min-time=0")
        self.assertLess(benchmark - peak(), 15 << 20)

    def test_encoding_once_more_is_asked_for_and_says_its_price(self) -> None:
        cluster, image = self.start(), self.picture("a.png")
        flags = (f"--cluster={cluster}", "--input-quality=60")
        exact, smaller = self.traffic(image, cluster), self.traffic(image, cluster, "--input-quality=60")
        self.assertLess(smaller["sent_bytes"], exact["sent_bytes"] / 2)
        # Whoever runs alone sees the same image: what quality costs needs no devices.
        there, here = self.answer(image, *flags), self.answer(image, "--input-quality=60")
        self.assertTrue(np.array_equal(there, here))
        self.assertFalse(np.array_equal(there, self.answer(image)))
        said = self.succeed("lcp-run", self.bundle, f"--input={image}", *flags).stdout
        self.assertRegex(said, r"(?m)^input quality 60: '\w+' takes \d+ bytes instead of \d+, elements differ by \S+ on "
                               r"average, \S+ at most; the best answer is 'class \d' \S+ instead of 'class \d' \S+$")

    def test_what_cannot_be_encoded(self) -> None:
        array = self.folder / "array.npy"
        np.save(array, np.zeros((1, 3, SIDE, SIDE), np.float32))
        self.assertIn("array.npy' holds elements: only an image file (.png .jpg) can be encoded once more",
                      self.refuse("lcp-run", self.bundle, f"--input={array}", "--input-quality=90"))
        self.assertIn("--input-quality", self.refuse("lcp-run", self.bundle, f"--input={array}", "--input-quality=101", lines=None))

    def test_pictures_that_do_not_fit(self) -> None:
        pixels, ink = self.folder / "pixels.npy", self.folder / "ink.jpg"
        np.save(pixels, np.zeros((1, 3, 2, 2), np.uint8))
        Image.new("CMYK", (SIDE, SIDE)).save(ink)
        for image, words in ((pixels, "it holds 1x3x2x2xu8, the input"), (ink, "a CMYK image, which is for print")):
            self.assertIn(words, self.refuse("lcp-run", self.bundle, f"--input={image}"))

    @unittest.skipUnless(triton, "tritonclient is not installed")
    def test_a_served_cluster_takes_images(self) -> None:
        image = self.picture("a.jpg", quality=90)
        address, (model,) = self.serve(f"--cluster={self.start()}")
        client = triton.InferenceServerClient(address)
        self.addCleanup(client.close)
        metadata = client.get_model_metadata(model)
        file = triton.InferInput(metadata.inputs[0].name, [1], "BYTES")
        file.set_data_from_numpy(np.array([image.read_bytes()], np.object_))
        answer = client.infer(model, [file]).as_numpy(metadata.outputs[0].name)
        self.assertTrue(np.array_equal(self.answer(image), answer))


if __name__ == "__main__":
    unittest.main()
