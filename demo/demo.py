#!/usr/bin/env python3
"""The project's main job on real input: LeNet-5 on handwritten digits, and
ResNet-18 with random weights, whole and split in four. Called by ./bootstrap
demo; every figure is computed or measured while it runs."""

import argparse
import json
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from tools import ROOT, Tools, workers

sys.path.insert(0, str(ROOT / "test/models"))
import build  # noqa: E402
import photograph  # noqa: E402

BRANCHES = 4
DEVICES = ("rpi3", "rpi4")
FORMATS = {".jpg": "JPEG", ".png": "PNG"}
MODELS = ROOT / "models"
# What pixels become, as the networks are trained.
DIGITS = "scale=0.00392156862745098"
IMAGENET = "mean=123.675,116.28,103.53,scale=0.017125,0.017507,0.017429"


@dataclass
class Network:
    """One network: its bundles, whole and split, and what each way to use
    several devices asks of them (lcp-opt --lcp-print-footprint), modelled by device."""

    title: str
    image: Path
    original: Path
    split: Path
    rows: dict[str, dict]
    modelled: dict[str, dict[str, dict]]


@dataclass
class Timing:
    """Medians in milliseconds, on this machine."""

    whole: float
    all_branches: float
    branches: list[float]
    head: float
    round_trip: float
    equal: bool


def heading(text: str) -> None:
    print(f"\n{text}\n{'-' * len(text)}")


def size(count: float) -> str:
    return f"{count:,.0f}"


def prepare(tools: Tools, title: str, model: Path, image: Path, preprocessing: str,
            trained_split: Path | None = None) -> Network:
    """Compiles the original and the split form, for such images."""
    module = tools.import_onnx(model)
    split = tools.import_onnx(trained_split) if trained_split else \
        tools.optimise(module, f"--lcp-split={BRANCHES}", f"{model.stem}-split")
    by_device = {device: compare(tools, module, device, image) for device in DEVICES}
    modelled = {device: {name: row["modelled"] for name, row in rows.items()} for device, rows in by_device.items()}
    original, divided = (tools.compile(m, f"--image={preprocessing}") for m in (module, split))
    return Network(title, image, original, divided, by_device[DEVICES[0]], modelled)


def compare(tools: Tools, module: Path, device: str, image: Path) -> dict[str, dict]:
    """The method's Table I of that image, with latencies modelled on a device, by row."""
    rows = json.loads(tools.run("lcp-opt", "--lcp-simplify",
                                f"--lcp-print-footprint=factor={BRANCHES} device={device} "
                                f"input-bytes={image.stat().st_size} json=true", module,
                                "-o", tools.work / "unused.mlirbc"))
    return {row["name"]: row for row in rows}


def digit(path: Path) -> Path:
    """One of those that accuracy is measured on, as a file."""
    Image.fromarray(np.load(MODELS / "digits-images.npy")[0, 0]).save(path)
    return path


def show_accuracy(tools: Tools, lenet: Network) -> None:
    pixels = np.load(MODELS / "digits-images.npy")
    labels = np.load(MODELS / "digits-labels.npy")
    images = tools.work / "digits.npy"
    np.save(images, pixels.astype(np.float32) / np.float32(255))

    def accuracy(bundle: Path) -> float:
        return 100 * float(np.mean(tools.answer(bundle, images).argmax(1) == labels))

    untrained = tools.compile(tools.optimise(
        tools.import_onnx(MODELS / "lenet-digits.onnx"), f"--lcp-split={BRANCHES}", "lenet-untrained"))
    split = tools.import_onnx(MODELS / "lenet-digits-split4.onnx")
    alone = [accuracy(tools.compile(tools.optimise(split, f"--lcp-keep-branches={branch}", f"branch{branch}")))
             for branch in range(BRANCHES)]
    heading(f"Accuracy on {len(labels)} held-out digits, by the compiled networks")
    print(f"  original                              {accuracy(lenet.original):6.2f} %")
    print(f"  split in {BRANCHES}, before retraining         {accuracy(untrained):6.2f} %")
    print(f"  one branch alone, after retraining    {min(alone):6.2f} to {max(alone):.2f} %")
    print(f"  split in {BRANCHES}, after retraining          {accuracy(lenet.split):6.2f} %")


def show_footprints(network: Network) -> None:
    """The method's Table I."""
    heading(f"{network.title}: what one inference asks of each device (of the busiest, where they differ)")
    print(f"  {'':33}{'':>11}{'':>14}{'memory,':>12}{'received,':>13}{'sent,':>11}\n"
          f"  {'devices':33}{'parameters':>11}{'MACs':>14}{'bytes':>12}{'bytes':>13}{'bytes':>11}")
    for name, row in network.rows.items():
        title = "original, one device" if name == "one device" else name
        if row["devices"] > 1:
            title += f", {row['devices']} devices"
        device = row["per_device"]
        print(f"  {title:33}{size(device['parameters']):>11}{size(device['macs']):>14}"
              f"{size(device['memory_bytes']):>12}{size(device['bytes_in']):>13}{size(device['bytes_out']):>11}")
    head = network.rows["LCP"]["coordinator"]["parameters"]
    print(f"  Memory: parameters and activations. Where the width is divided, the coordinator adds the\n"
          f"  classifier, {size(head)} parameters. A pipeline raises the rate: an answer passes all of its\n"
          f"  devices, one after the other. Received is the image as it came, a {FORMATS[network.image.suffix]} file of\n"
          f"  {size(network.image.stat().st_size)} bytes, and what devices send each other.")


def branch_times(profile: list[dict]) -> tuple[list[float], float]:
    """Milliseconds of each parallel branch, and of everything else."""
    names = sorted({row["branch"] for row in profile})
    parallel = {f"s0.b{b}" for b in range(BRANCHES)}
    times = {name: sum(row["us"] for row in profile if row["branch"] == name) / 1000 for name in names}
    return [times[name] for name in names if name in parallel], \
        sum(t for name, t in times.items() if name not in parallel)


def measure(tools: Tools, network: Network) -> Timing:
    path = network.image
    one_thread = ("--threads=1", f"--input={path}")
    whole = tools.benchmark(network.original, *one_thread)
    split = tools.benchmark(network.split, *one_thread, "--profile")
    branches, head = branch_times(split["profile"])
    here = tools.answer(network.split, path)
    with workers(tools, network.split, BRANCHES) as cluster:
        there = tools.answer(network.split, path, f"--cluster={cluster}")
        remote = tools.benchmark(network.split, *one_thread, f"--cluster={cluster}")
    median = "median_ms"
    return Timing(whole["benchmark"][median], split["benchmark"][median], branches, head,
                  remote["benchmark"][median], bool(np.array_equal(here, there)))


def show_times(network: Network, timing: Timing) -> None:
    heading(f"{network.title}: measured on this machine, one thread a process, median ms")
    rows = {
        "original, whole": [timing.whole],
        f"split, all {BRANCHES} branches one after the other": [timing.all_branches],
        "split, each branch alone": timing.branches,
        "the classifier, on the coordinator": [timing.head],
        f"round trip over loopback, {BRANCHES} worker processes": [timing.round_trip],
    }
    for name, times in rows.items():
        print(f"  {name:48}" + "".join(f"{t:10.3f}" for t in times))
    print(f"  the {BRANCHES} workers' answer equals the in-process one, bit for bit: {'yes' if timing.equal else 'NO'}")
    if not timing.equal:
        sys.exit("demo: the workers' answer differs")


def show_modelled(networks: list[Network]) -> dict[str, dict[str, float]]:
    """Times by the device files; returns LCP's gain over the better way to use one device, by network and device."""
    sources = ", ".join(f"{name}: {networks[0].modelled[name]['LCP']['efficiency']}" for name in DEVICES)
    heading(f"Modelled from the device files, not measured: ms of computing (efficiency of {sources}), and of the network")
    print(f"  {'':18}{'one device:':>12}{'all branches':>14}{f'{BRANCHES} devices:':>22}{'':>19}{'gain over':>12}\n"
          f"  {'':18}{'original':>12}{'of LCP':>14}{'model parallel':>22}{'LCP':>19}{'one device':>12}")
    gains: dict[str, dict[str, float]] = {}
    for network in networks:
        for name in DEVICES:
            of = network.modelled[name]
            one, all_branches = of["one device"]["compute_ms"], of["LCP, all branches on one device"]["compute_ms"]
            columns = [f"{of[form]['compute_ms']:.3f} + {of[form]['link_ms']:.3f}" for form in ("model parallel", "LCP")]
            gain = min(one, all_branches) / (of["LCP"]["compute_ms"] + of["LCP"]["link_ms"])
            gains.setdefault(network.title, {})[name] = gain
            print(f"  {network.title:12}{name:6}{one:12.3f}{all_branches:14.3f}{columns[0]:>22}{columns[1]:>19}{gain:10.2f} x")
    return gains


def named(gains: dict[str, dict[str, float]], worth: bool) -> str:
    """The networks and, in brackets, the devices on which distributing is worth it, or is not."""
    chosen = {title: [f"{device}, {gain:.1f} times as fast" if worth else device
                      for device, gain in g.items() if (gain > 1) == worth] for title, g in gains.items()}
    return ", ".join(f"{title} ({'; '.join(devices)})" for title, devices in chosen.items() if devices)


def verdict(gains: dict[str, dict[str, float]]) -> str:
    text = f"Worth distributing: {named(gains, True) or 'neither'}."
    if losing := named(gains, False):
        text += f"\nNot: {losing}, where one device is faster, with the original or with all branches on it."
    return text


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", type=Path, default=ROOT / "build/dev/bin")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lcp-demo-") as folder:
        tools = Tools(args.bin.resolve(), Path(folder))
        lenet = prepare(tools, "LeNet-5", MODELS / "lenet-digits.onnx", digit(tools.work / "digit.png"), DIGITS,
                        MODELS / "lenet-digits-split4.onnx")
        show_accuracy(tools, lenet)
        build.make("resnet18", tools.work / "resnet18.onnx")
        resnet = prepare(tools, "ResNet-18", tools.work / "resnet18.onnx",
                         photograph.make(tools.work / "photograph.jpg", 224), IMAGENET)
        for network in (lenet, resnet):
            show_footprints(network)
            show_times(network, measure(tools, network))
        print("\n" + verdict(show_modelled([lenet, resnet])))


if __name__ == "__main__":
    main()
