"""Data sets in their standard forms, by path, as 8-bit tensors in memory."""

import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator
from math import prod
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from .errors import Problem

PICTURES = (".jpg", ".jpeg", ".png", ".bmp", ".ppm", ".pgm")
FORMS = ("MNIST's IDX files (train-images-idx3-ubyte …, .gz or not), CIFAR's binary version (data_batch_1.bin …, or "
         "train.bin and test.bin), or train/CLASS/*.jpg and test/CLASS/*.jpg, in a folder or a .zip")


class Part(NamedTuple):
    """Images, uint8 N x C x H x W, and labels, int64 N."""

    images: Tensor
    labels: Tensor


class Data(NamedTuple):
    train: Part
    test: Part
    form: str

    @property
    def classes(self) -> int:
        return int(max(self.train.labels.max(), self.test.labels.max())) + 1


def read(path: str | Path, shape: tuple[int, int, int]) -> Data:
    """The data set at `path` for a network that reads C x H x W. Files of an image
    folder are scaled to it; other forms must have it. Raises Problem."""
    path = Path(path)
    if not path.exists():
        raise Problem(f"{path}: there is no such file or folder")
    try:
        data = read_form(path, shape)
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile) as error:
        raise Problem(f"{path}: cannot be read: {error}") from None
    for part, name in ((data.train, "training"), (data.test, "test")):
        if not len(part.images):
            raise Problem(f"{path}: has no {name} images")
        if tuple(part.images.shape[1:]) != shape:
            raise Problem(f"{path}: images are {by(part.images.shape[1:])}, the network reads {by(shape)}")
    return data


def by(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape))


def read_form(path: Path, shape: tuple[int, int, int]) -> Data:
    if path.is_file():
        if path.suffix != ".zip":
            raise Problem(f"{path}: is neither a folder nor a .zip; wanted: {FORMS}")
        with zipfile.ZipFile(path) as archive:
            names = [n for n in archive.namelist() if not n.endswith("/")]
            return read_pictures(path, {n: None for n in names}, archive.read, shape)
    if idx_file(path, "train-images-idx3-ubyte"):
        return Data(read_idx(path, "train"), read_idx(path, "t10k"), "IDX")
    if (path / "test_batch.bin").exists():
        return Data(join(read_cifar(path / f"data_batch_{i}.bin", 1) for i in range(1, 6)),
                    read_cifar(path / "test_batch.bin", 1), "CIFAR-10 binary")
    if (path / "train.bin").exists():
        return Data(read_cifar(path / "train.bin", 2), read_cifar(path / "test.bin", 2), "CIFAR-100 binary")
    if (path / "train").is_dir():
        files = {str(p.relative_to(path)): None for top in ("train", "test") for p in (path / top).glob("*/*")}
        return read_pictures(path, files, lambda name: (path / name).read_bytes(), shape)
    raise Problem(f"{path}: holds no data set known here; wanted: {FORMS}")


def idx_file(folder: Path, name: str) -> Path | None:
    return next((p for p in (folder / name, folder / f"{name}.gz") if p.exists()), None)


def read_idx_array(folder: Path, name: str, dimensions: int) -> np.ndarray:
    path = idx_file(folder, name)
    if path is None:
        raise Problem(f"{folder / name}: is missing, with or without .gz")
    try:
        content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    except (OSError, EOFError, zlib.error) as error:
        raise Problem(f"{path}: cannot be read: {error}") from None
    head = 4 + 4 * dimensions
    # Two zeros, 8 for unsigned bytes, the number of dimensions; then each, big-endian.
    if len(content) < head or content[:4] != bytes([0, 0, 8, dimensions]):
        raise Problem(f"{path}: is not an IDX file of {dimensions} dimensions of bytes")
    shape = np.frombuffer(content, ">u4", dimensions, 4).tolist()
    if len(content) - head != prod(shape):
        raise Problem(f"{path}: is truncated or too long: {len(content) - head} bytes of values, {prod(shape)} expected")
    return np.frombuffer(content, np.uint8, offset=head).reshape(shape)


def read_idx(folder: Path, part: str) -> Part:
    images = read_idx_array(folder, f"{part}-images-idx3-ubyte", 3)
    labels = read_idx_array(folder, f"{part}-labels-idx1-ubyte", 1)
    if len(images) != len(labels):
        raise Problem(f"{folder}: {part} has {len(images)} images and {len(labels)} labels")
    return Part(torch.from_numpy(images[:, None].copy()), torch.from_numpy(labels.astype(np.int64)))


def read_cifar(path: Path, label_bytes: int) -> Part:
    """Rows of label bytes (the last one counts: CIFAR-100's fine label) and 3 x 32 x 32 pixels."""
    if not path.exists():
        raise Problem(f"{path}: is missing")
    content = np.fromfile(path, np.uint8)
    row = label_bytes + 3072
    if not len(content) or len(content) % row:
        raise Problem(f"{path}: is truncated: {len(content)} bytes are not a multiple of {row}")
    rows = content.reshape(-1, row)
    return Part(torch.from_numpy(rows[:, label_bytes:].reshape(-1, 3, 32, 32).copy()),
                torch.from_numpy(rows[:, label_bytes - 1].astype(np.int64)))


def join(parts: Iterator[Part]) -> Part:
    images, labels = zip(*parts)
    return Part(torch.cat(images), torch.cat(labels))


def read_pictures(path: Path, names: dict[str, None], content, shape: tuple[int, int, int]) -> Data:
    """Files PART/CLASS/FILE, behind any folder that all have in common; classes in
    the order of their names in the training part."""
    found: dict[str, list[tuple[str, str]]] = {"train": [], "test": []}
    for name in sorted(names):
        parts = name.split("/")
        if len(parts) >= 3 and parts[-3] in found and Path(name).suffix.lower() in PICTURES:
            found[parts[-3]].append((parts[-2], name))
    if not found["train"] or not found["test"]:
        raise Problem(f"{path}: has no pictures as train/CLASS/*.jpg and test/CLASS/*.jpg")
    classes = {label: i for i, label in enumerate(sorted({label for label, _ in found["train"]}))}
    if strange := sorted({label for label, _ in found["test"]} - classes.keys()):
        raise Problem(f"{path}: class '{strange[0]}' is in test and not in train")
    lossy = any(n.lower().endswith((".jpg", ".jpeg")) for _, n in found["train"])
    train, test = (decode(path, found[part], classes, content, shape) for part in ("train", "test"))
    return Data(train, test, "image folder (JPEG: lossy)" if lossy else "image folder")


def decode(path: Path, files: list[tuple[str, str]], classes: dict[str, int], content,
           shape: tuple[int, int, int]) -> Part:
    from PIL import Image, UnidentifiedImageError
    channels, height, width = shape
    if channels not in (1, 3):
        raise Problem(f"{path}: the network reads {channels} channels, pictures have 1 or 3")
    images = torch.empty((len(files), *shape), dtype=torch.uint8)
    for image, (_, name) in zip(images, files):
        try:
            picture = Image.open(io.BytesIO(content(name))).convert("L" if channels == 1 else "RGB")
        except (UnidentifiedImageError, OSError, EOFError) as error:
            raise Problem(f"{path}: {name} cannot be decoded: {error}") from None
        if picture.size != (width, height):
            picture = picture.resize((width, height), Image.Resampling.BILINEAR)
        image[:] = torch.from_numpy(np.array(picture).reshape(height, width, channels)).permute(2, 0, 1)
    return Part(images, torch.tensor([classes[label] for label, _ in files]))
