#!/usr/bin/env python3
"""Trains a split model on the digits, in the graph that the compiler exported.

    lcp-translate --export-onnx split.mlirbc -o split.onnx
    models/retrain.py split.onnx -o split-trained.onnx [--epochs=100]

Only initialiser values change, and the metadata lcp.trained_after_split, so the
result imports with its branches. Needs PyTorch beside requirements.txt.
"""

import argparse
from pathlib import Path

import torch

import digits
import training
from onnx_module import OnnxModule

SEED = 6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("-o", dest="out", type=Path, required=True)
    parser.add_argument("--epochs", type=int, default=100)
    args = parser.parse_args()
    torch.manual_seed(SEED)
    model = OnnxModule(args.model)
    _, _, images, labels = digits.load()
    print(f"held-out accuracy before {100 * training.accuracy(model, images, labels):.2f} %")
    held_out = training.train(model, args.epochs, 2e-3, SEED)
    print(f"held-out accuracy after {100 * held_out:.2f} %")
    model.save(args.out, {"lcp.trained_after_split": "true"})


if __name__ == "__main__":
    main()
