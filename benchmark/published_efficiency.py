#!/usr/bin/env python3
"""What devices reach of their peak, by kind of layer: the `efficiency` of their device
files, from milliseconds published for whole networks at batch 1. Of Raspberry Pis by
ncnn (Tencent/ncnn, benchmark/README.md at commit a4d2ea1d, 4 threads, the least of 4 or
10 runs); of an AWS t2.micro by TensorFlow (Hadidi et al., LCP, read off a plot).

A network's time is taken as the sum over kinds of its multiply-accumulates over the rate
of that kind, and the rates are fitted, least squares of the logarithms of the times. A
weak pull towards one rate for all keeps kinds that few networks have in bounds; dense
layers get no more than memory gives, one weight after the other."""

import numpy as np
from scipy.optimize import least_squares

KINDS = ("conv3x3", "conv1x1", "depthwise", "dense", "other")
PULL, MOST = 0.05, (4, 4, 4, None, 1)
# Millions of multiply-accumulates, from the network definitions beside that table
# (benchmark/models/NAME.param): those of ncnn, whose AlexNet has groups. `alexnet_v2` is
# test/models/build.py's, as Hadidi et al. have it.
MACS = {
    "squeezenet": (205.9, 190.5, 0, 0, 22.1),
    "mobilenet": (0, 539.5, 17.4, 1.0, 10.8),
    "mobilenet_v2": (0, 280.8, 20.7, 1.3, 10.8),
    "mnasnet": (0, 274.0, 28.3, 1.3, 10.8),
    "proxylessnasnet": (0, 282.9, 41.4, 1.3, 10.8),
    "googlenet": (962.8, 369.1, 0, 1.0, 249.7),
    "resnet18": (1502.9, 32.1, 0, 0.5, 291.4),
    "alexnet": (336.4, 0, 0, 58.6, 329.4),
    "alexnet_v2": (414.1, 0, 0, 47.1, 275.4),
    "vgg16": (15346.6, 0, 0, 123.6, 0),
    "resnet50": (1849.7, 1888.2, 0, 2.0, 118.0),
}
# Peak multiply-accumulates a second at the clock of the measurement, weights a second that
# the memory gives (the device files' bandwidth; ncnn's weights have 2 bytes, TensorFlow's
# 4), and milliseconds.
DEVICES = {
    "rpi3": (4 * 4 * 1.4e9, 3.6e9 / 2, {
        "squeezenet": 84.74, "mobilenet": 107.84, "mobilenet_v2": 110.64, "mnasnet": 95.53, "proxylessnasnet": 102.24,
        "googlenet": 223.78, "resnet18": 270.86, "alexnet": 157.79, "resnet50": 583.57}),
    "rpi4": (4 * 4 * 1.8e9, 5.56e9 / 2, {
        "squeezenet": 46.28, "mobilenet": 60.74, "mobilenet_v2": 61.63, "mnasnet": 51.80, "proxylessnasnet": 53.02,
        "googlenet": 113.74, "resnet18": 122.27, "alexnet": 75.75, "vgg16": 541.66, "resnet50": 261.90}),
    "aws-t2.micro": (2 * 8 * 2.4e9, 10e9 / 4, {"alexnet_v2": 107, "vgg16": 673, "resnet50": 207}),
}


def fit(peak: float, weights: float, milliseconds: dict[str, float]) -> tuple[np.ndarray, np.ndarray]:
    """The efficiencies, and the fitted over the published time of each network."""
    macs = np.array([MACS[name] for name in milliseconds]) * 1e6
    times = np.array(list(milliseconds.values())) / 1e3
    most = np.log([m or weights / peak for m in MOST])

    def misses(logs: np.ndarray) -> np.ndarray:
        modelled = macs @ (1 / (np.exp(logs) * peak))
        return np.concatenate([np.log(modelled / times), PULL * (logs - logs.mean())])

    logs = least_squares(misses, np.minimum(np.log(0.2), most - 1e-3), bounds=(-9, most)).x
    return np.exp(logs), macs @ (1 / (np.exp(logs) * peak)) / times


def main() -> None:
    for device, figures in DEVICES.items():
        efficiency, ratios = fit(*figures)
        print(f"{device}:", ", ".join(f"{kind} {value:.3f}" for kind, value in zip(KINDS, efficiency)))
        print("  fitted / published:", ", ".join(f"{name} {ratio:.2f}" for name, ratio in zip(figures[2], ratios)))
        print(f"  off by {100 * np.sqrt(np.mean((ratios - 1) ** 2)):.0f} % (root mean square)")


if __name__ == "__main__":
    main()
