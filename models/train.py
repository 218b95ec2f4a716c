#!/usr/bin/env python3
"""Trains LeNet-5 on the digits and writes it and the held-out digits to models/.

    models/train.py [--epochs=100] [--out=models]

Needs PyTorch beside the packages of requirements.txt. The ONNX file is what
torch.onnx writes, unedited.
"""

import argparse
import warnings
from pathlib import Path

import numpy as np
import torch
from torch import nn

import digits
import training

SEED = 5


def lenet() -> nn.Sequential:
    """LeNet-5 as it is trained today: ReLU and maximum pooling; 61,706 parameters."""
    return nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--epochs", type=int, default=100)
    parser.add_argument("--out", type=Path, default=Path(__file__).resolve().parent)
    args = parser.parse_args()
    torch.manual_seed(SEED)
    model = lenet()
    held_out = training.train(model, args.epochs, 2e-3, SEED)
    print(f"held-out accuracy {100 * held_out:.2f} %")
    warnings.simplefilter("ignore")
    torch.onnx.export(model, torch.zeros(1, 1, 28, 28), str(args.out / "lenet-digits.onnx"),
                      input_names=["image"], output_names=["logits"], opset_version=13)
    _, _, images, labels = digits.load()
    np.save(args.out / "digits-images.npy", images)
    np.save(args.out / "digits-labels.npy", labels.astype(np.uint8))


if __name__ == "__main__":
    main()
