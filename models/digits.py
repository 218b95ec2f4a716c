"""scikit-learn's handwritten digits, scaled to 28x28, with a fixed held-out part."""

import numpy as np
from PIL import Image
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

HELD_OUT = 450
SEED = 20


def load() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Train images, train labels, held-out images, held-out labels.

    Images are uint8 N x 1 x 28 x 28 (0 is paper, 255 ink), labels int64. The
    8x8 originals become 20x20 in a border of four pixels, as MNIST has it.
    """
    raw, labels = load_digits(return_X_y=True)
    images = np.zeros((len(raw), 1, 28, 28), np.uint8)
    for image, pixels in zip(images, raw.reshape(-1, 8, 8)):
        small = Image.fromarray(np.clip(pixels * 16, 0, 255).astype(np.uint8))
        image[0, 4:24, 4:24] = np.asarray(small.resize((20, 20), Image.Resampling.BICUBIC))
    split = train_test_split(images, labels.astype(np.int64), test_size=HELD_OUT,
                             stratify=labels, random_state=SEED)
    return split[0], split[2], split[1], split[3]


def to_float(images: np.ndarray) -> np.ndarray:
    """What the network reads: float32 in [0, 1]."""
    return images.astype(np.float32) / np.float32(255)
