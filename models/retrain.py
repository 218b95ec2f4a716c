#!/usr/bin/env python3
"""Trains a split model on the digits, in the graph that the compiler exported:
lcp_train's load and save around a training loop of one's own.

    lcp-translate --export-onnx split.mlirbc -o split.onnx
    models/retrain.py split.onnx -o split-trained.onnx [--epochs=100]

Only initialiser values change, and the metadata lcp.trained_after_split, so the
result imports with its branches. Needs PyTorch beside requirements.txt.
"""

import argparse
import sys
from pathlib import Path

import torch

import digits
import training

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tools"))

from lcp_train import load, save  # noqa: E402

SEED = 6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("-o", dest="out", type=Path, required=True)
    parser.add_argument("--epochs", type=int, default=100)
    args = parser.parse_args()
    torch.manual_seed(SEED)
    model = load(args.model)
    _, _, images, labels = digits.load()
    print(f"held-out accuracy before {100 * training.accuracy(model, images, labels):.2f} %")
    held_out = training.train(model, args.epochs, 2e-3, SEED)
    print(f"held-out accuracy after {100 * held_out:.2f} %")
    save(model, args.out)


if __name__ == "__main__":
    main()
