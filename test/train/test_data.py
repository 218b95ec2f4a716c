"""Data sets in each form they come in, and files that are wrong."""

import gzip
import unittest
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image

from case import Case, idx, stripes, write_idx

from lcp_train import Problem, data

GREY, COLOUR = (1, 28, 28), (3, 32, 32)


def write_cifar(path: Path, rows: int, label_bytes: int, seed: int) -> np.ndarray:
    """Random rows; the last label byte is below 10."""
    content = np.random.default_rng(seed).integers(0, 256, (rows, label_bytes + 3072)).astype(np.uint8)
    content[:, label_bytes - 1] %= 10
    path.write_bytes(content.tobytes())
    return content


class Forms(Case):
    def test_idx_plain_and_compressed(self) -> None:
        folder = write_idx(self.folder / "mnist", 20, 10)
        plain = data.read(folder, GREY)
        images, labels = stripes(20, 28, 1)
        self.assertTrue(np.array_equal(images, plain.train.images[:, 0].numpy()))
        self.assertTrue(np.array_equal(labels, plain.train.labels.numpy()))
        self.assertEqual(10, len(plain.test.images))
        for path in list(folder.iterdir()):
            path.with_name(path.name + ".gz").write_bytes(gzip.compress(path.read_bytes()))
            path.unlink()
        self.assertTrue(plain.train.images.equal(data.read(folder, GREY).train.images))

    def test_cifar_binary(self) -> None:
        rows = [write_cifar(self.folder / f"data_batch_{i}.bin", 3, 1, i) for i in range(1, 6)]
        write_cifar(self.folder / "test_batch.bin", 2, 1, 9)
        found = data.read(self.folder, COLOUR)
        self.assertEqual((15, 2), (len(found.train.images), len(found.test.images)))
        # Red, green and blue one after the other, each by rows.
        self.assertEqual(rows[1][0, 1 + 1024 + 32 * 5 + 7], int(found.train.images[3, 1, 5, 7]))

    def test_cifar_100_takes_the_fine_label(self) -> None:
        rows = write_cifar(self.folder / "train.bin", 4, 2, 1)
        write_cifar(self.folder / "test.bin", 2, 2, 2)
        self.assertEqual(rows[:, 1].tolist(), data.read(self.folder, COLOUR).train.labels.tolist())

    def write_pictures(self, folder: Path) -> None:
        for part, count in (("train", 3), ("test", 2)):
            for label, red in (("cat", 250), ("dog", 20)):
                (folder / part / label).mkdir(parents=True)
                for index in range(count):
                    Image.new("RGB", (40, 24), (red, 100, 50)).save(folder / part / label / f"{index}.png")

    def test_image_folder_and_its_zip(self) -> None:
        self.write_pictures(self.folder / "pets")
        found = data.read(self.folder / "pets", COLOUR)
        self.assertEqual([0, 0, 0, 1, 1, 1], found.train.labels.tolist())
        self.assertEqual([250, 100, 50], found.train.images[0, :, 9, 9].tolist())
        self.assertEqual(20, int(found.test.images[3, 0, 0, 0]))
        with zipfile.ZipFile(self.folder / "pets.zip", "w") as archive:
            for path in (self.folder / "pets").rglob("*.png"):
                archive.write(path, path.relative_to(self.folder))
        self.assertTrue(found.train.images.equal(data.read(self.folder / "pets.zip", COLOUR).train.images))


class Refused(Case):
    def refuse(self, path: Path, *said: str, shape: tuple[int, int, int] = GREY) -> None:
        with self.assertRaises(Problem) as caught:
            data.read(path, shape)
        text = str(caught.exception)
        self.assertNotIn("\n", text)
        for part in said:
            self.assertIn(part, text)

    def test_wrong_paths(self) -> None:
        self.refuse(self.folder / "none", "no such file or folder")
        self.refuse(self.folder, "holds no data set known here")
        (self.folder / "a.txt").write_text("x")
        self.refuse(self.folder / "a.txt", "neither a folder nor a .zip")
        (self.folder / "b.zip").write_text("x")
        self.refuse(self.folder / "b.zip", "b.zip", "cannot be read")

    def test_idx_files(self) -> None:
        folder = write_idx(self.folder / "mnist", 20, 10)
        path = folder / "train-images-idx3-ubyte"
        whole = path.read_bytes()
        path.write_bytes(whole[:-1])
        self.refuse(folder, path.name, "truncated", "15679 bytes of values, 15680 expected")
        path.write_bytes(b"\0\0\x0d\3" + whole[4:])
        self.refuse(folder, path.name, "not an IDX file")
        path.write_bytes(whole[:4] + bytes([128, 0, 0, 0]) * 3)  # 2**93, which is 0 in 64 bits
        self.refuse(folder, path.name, "0 bytes of values, 9903520314283042199192993792 expected")
        path.unlink()
        path.with_name(path.name + ".gz").write_bytes(gzip.compress(whole)[:-20])
        self.refuse(folder, path.name + ".gz", "cannot be read")
        path.with_name(path.name + ".gz").write_bytes(gzip.compress(idx(stripes(19, 28, 1)[0])))
        self.refuse(folder, "19 images and 20 labels")
        (folder / "t10k-labels-idx1-ubyte").unlink()
        path.write_bytes(whole)
        self.refuse(folder, "t10k-labels-idx1-ubyte: is missing")

    def test_cifar_rows(self) -> None:
        write_cifar(self.folder / "train.bin", 4, 2, 1)
        self.refuse(self.folder, "test.bin: is missing", shape=COLOUR)
        (self.folder / "test.bin").write_bytes(b"x" * 4000)
        self.refuse(self.folder, "test.bin: is truncated", shape=COLOUR)

    def test_pictures(self) -> None:
        for part in ("train", "test"):
            (self.folder / part / "cat").mkdir(parents=True)
            Image.new("L", (8, 8)).save(self.folder / part / "cat/0.png")
        (self.folder / "test/cat/1.png").write_bytes((self.folder / "test/cat/0.png").read_bytes()[:40])
        self.refuse(self.folder, "test/cat/1.png cannot be decoded")
        (self.folder / "test/cat/1.png").unlink()
        (self.folder / "test/cow").mkdir()
        Image.new("L", (8, 8)).save(self.folder / "test/cow/0.png")
        self.refuse(self.folder, "class 'cow' is in test and not in train")

    def test_another_size(self) -> None:
        self.refuse(write_idx(self.folder / "mnist", 4, 4), "images are 1x28x28, the network reads 3x32x32", shape=COLOUR)


if __name__ == "__main__":
    unittest.main()
