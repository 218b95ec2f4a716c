#!/usr/bin/env python3
"""Narrow ResNet-18, MobileNet-v2 and LeNet-5 as torch.onnx writes them, for
import tests.

    test/models/torch_export.py [-o test/models/exported] [--full]

Needs PyTorch and torchvision (Debian's python3-torch, python3-torchvision).
ResNet-18 keeps its BatchNormalization nodes, a symbolic batch and the
Shape-Gather-Concat-Reshape chain of x.view(x.size(0), -1); MobileNet-v2 is what
the exporter folds by default; LeNet-5 has the Pads of nothing that go
before its average pools. With --full, all in full width.
"""

import argparse
from pathlib import Path

import torch
import torchvision
from torch import nn
from torchvision.models.resnet import BasicBlock


class ResNet18(nn.Module):
    """ResNet-18 of any width, flattened by view."""

    def __init__(self, width: int, classes: int) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, width, 7, 2, 3, bias=False), nn.BatchNorm2d(width),
                                  nn.ReLU(inplace=True), nn.MaxPool2d(3, 2, 1))
        blocks, channels = [], width
        for stage in range(4):
            outputs = width << stage
            for index in range(2):
                stride = 2 if stage and not index else 1
                shortcut = None
                if stride != 1:
                    shortcut = nn.Sequential(nn.Conv2d(channels, outputs, 1, stride, bias=False),
                                             nn.BatchNorm2d(outputs))
                blocks.append(BasicBlock(channels, outputs, stride, shortcut))
                channels = outputs
        self.blocks = nn.Sequential(*blocks)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(channels, classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.pool(self.blocks(self.stem(x)))
        return self.fc(x.view(x.size(0), -1))


class LeNet(nn.Sequential):
    """LeNet-5 of any width."""

    def __init__(self, width: int) -> None:
        super().__init__(nn.Conv2d(1, width, 5, padding=2), nn.Tanh(), nn.AvgPool2d(2),
                         nn.Conv2d(width, 2 * width, 5), nn.Tanh(), nn.AvgPool2d(2), nn.Flatten(),
                         nn.Linear(50 * width, 14 * width), nn.ReLU(), nn.Dropout(), nn.Linear(14 * width, 10),
                         nn.Softmax(dim=1))


def randomise_statistics(model: nn.Module) -> None:
    """Batch normalisation as after training: not the identity."""
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.normal_(module.running_mean, 0, 0.1)
            nn.init.uniform_(module.running_var, 0.8, 1.25)
            nn.init.normal_(module.bias, 0, 0.1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-o", dest="out", type=Path, default=Path(__file__).resolve().parent / "exported")
    parser.add_argument("--full", action="store_true")
    args = parser.parse_args()
    torch.manual_seed(3)
    size, classes = (224, 1000) if args.full else (64, 10)
    resnet = ResNet18(64 if args.full else 4, classes)
    mobilenet = torchvision.models.MobileNetV2(num_classes=classes, width_mult=1.0 if args.full else 0.1)
    mobilenet.classifier[1] = nn.Linear(1280, classes)
    if not args.full:  # the last convolution's 1280 channels are most of the file
        mobilenet.features[18][0] = nn.Conv2d(mobilenet.features[18][0].in_channels, 64, 1, bias=False)
        mobilenet.features[18][1] = nn.BatchNorm2d(64)
        mobilenet.classifier[1] = nn.Linear(64, classes)
    for model in (resnet, mobilenet):
        randomise_statistics(model)
        model.eval()
    image = torch.zeros(1, 3, size, size)
    torch.onnx.export(resnet, image, str(args.out / "torch-resnet18.onnx"), opset_version=11,
                      input_names=["image"], output_names=["logits"], do_constant_folding=False,
                      training=torch.onnx.TrainingMode.PRESERVE,
                      dynamic_axes={"image": {0: "batch"}, "logits": {0: "batch"}})
    torch.onnx.export(mobilenet, image, str(args.out / "torch-mobilenet-v2.onnx"), opset_version=13,
                      input_names=["image"], output_names=["logits"])
    lenet = LeNet(6 if args.full else 4).eval()
    torch.onnx.export(lenet, torch.zeros(1, 1, 28, 28), str(args.out / "torch-lenet.onnx"), opset_version=9,
                      input_names=["image"], output_names=["probabilities"],
                      training=torch.onnx.TrainingMode.PRESERVE, do_constant_folding=False)


if __name__ == "__main__":
    main()
