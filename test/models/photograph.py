"""A file that stands in for all photographs, where there is none."""

from pathlib import Path

import numpy as np
from PIL import Image

QUALITY = 90


def make(path: Path, side: int) -> Path:
    """A JPEG file of that many pixels squared. As in photographs, the amplitude of what is seen
    goes down with its frequency; it is not any one's."""
    random, image = np.random.default_rng(1), np.zeros((side, side, 3))
    frequency = np.hypot(*np.meshgrid(np.fft.fftfreq(side), np.fft.fftfreq(side)))
    frequency[0, 0] = np.inf
    brightness = random.normal(size=(side, side))
    for channel in range(3):  # colours differ less than brightness does
        noise = np.fft.fft2(brightness + 0.3 * random.normal(size=(side, side)))
        image[..., channel] = np.fft.ifft2(noise / frequency).real
    pixels = np.clip(128 + 50 * image / image.std(), 0, 255).astype(np.uint8)
    Image.fromarray(pixels).save(path, quality=QUALITY)
    return path
