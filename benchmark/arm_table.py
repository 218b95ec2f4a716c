"""docs/arm.md from the stored rows, and what is published for ncnn."""

import json
from pathlib import Path

from published_efficiency import DEVICES

# By the names of test/models/build.py: their titles, and their names in the published table.
NETWORKS = {
    "resnet18": ("ResNet-18", "resnet18"),
    "mobilenet_v1": ("MobileNet-v1", "mobilenet"),
    "mobilenet_v2": ("MobileNet-v2", "mobilenet_v2"),
    "squeezenet": ("SqueezeNet", "squeezenet"),
}
# The core that is emulated, and others whose scheduling model is asked too.
CORES = {"rpi3": ("cortex-a53", "cortex-a55"), "rpi4": ("cortex-a72",)}
CLOCK = {"rpi3": 1.4e9, "rpi4": 1.8e9}  # of the published measurements
THREADS = 4
LANES = 4

HEAD = """# What Raspberry Pis' cores would execute

Written by `benchmark/arm.py table` from the rows stored in `benchmark/arm/`;
`./bootstrap bench-arm` counts those that are missing.

How it is counted: the network is run once and twice by `qemu-aarch64`, with a plugin
that counts how often each block of instructions is run (`benchmark/qemu_blocks.c`); the
difference is one inference. `lcp-run` runs a bundle for the device, the other is the
`ncnn` of PyPI's wheel for arm64, in an arm64 Python, its network made by pnnx, in fp32.
Both on one thread, with the same weights, and their answers agree. `llvm-mca-19` then says
in how many cycles each block would run if it followed itself and every load came from the
nearest cache; a block's cycles times how often it runs, summed, are the *cycles*.

- *Instructions a multiply-add*: instructions over the network's multiply-accumulates. A
  vector of four would make 0.25 of nothing but multiply-adds; Winograd's transforms, which
  ncnn has for 3x3 with stride 1, need fewer.
- *Of a multiply-add a cycle*: the network's multiply-accumulates over four times the
  cycles. Over 100 % is such an algorithm's gain.
- *Predicted / published*: ncnn's cycles at the device's clock, over 4 cores that share
  them evenly, over the milliseconds that ncnn's own benchmark publishes for the network
  (`benchmark/published_efficiency.py`). This is how wrong the prediction is, since it
  knows nothing of memory, of caches, of waiting threads; **no time in milliseconds
  should be read from cycles here**, ours or theirs.
- LLVM's model of the Cortex-A53 makes instructions finish in order: a load that stands
  behind a multiply-add waits for its nine cycles. The Cortex-A55, its successor with the
  same two in-order issue slots, is modelled without that, and its column is printed for
  the same code.

"""


def percent(row: dict, engine: str, core: str) -> float:
    return 100 * row["macs"] / LANES / row["engines"][engine]["cycles"][core]


def predicted_of_published(row: dict) -> float:
    device = row["device"]
    cycles = row["engines"]["ncnn"]["cycles"][CORES[device][0]]
    published = DEVICES[device][2][NETWORKS[row["network"]][1]]
    return 1e3 * cycles / CLOCK[device] / THREADS / published


def line(row: dict) -> str:
    a_mac = {name: engine["instructions"] / row["macs"] for name, engine in row["engines"].items()}
    shares = " | ".join(f"{percent(row, 'lcp', core):.0f} | {percent(row, 'ncnn', core):.0f}"
                        for core in CORES[row["device"]])
    return (f"| {NETWORKS[row['network']][0]} | {a_mac['lcp']:.3f} | {a_mac['ncnn']:.3f} | {shares} "
            f"| {predicted_of_published(row):.2f} |")


def table(rows: list[dict], device: str) -> str:
    cores = " | ".join(f"{core}, %: ours | ncnn" for core in CORES[device])
    head = (f"## {device}\n\n| network | instructions a multiply-add: ours | ncnn | of a multiply-add a cycle, {cores} "
            "| ncnn, predicted / published |\n|---|" + "--:|" * (3 + 2 * len(CORES[device])))
    return "\n".join([head, *map(line, rows)])


def write(runs: Path, docs: Path) -> str:
    """Writes the page; returns its tables."""
    stored = {path.stem: json.loads(path.read_text()) for path in runs.glob("*.json")}
    parts = []
    for device in CORES:
        rows = [stored[name] for name in (f"{network}-{device}" for network in NETWORKS) if name in stored]
        versions = ", ".join(sorted({row["cpu_target"] for row in rows}))
        ncnn = ", ".join(sorted({row["ncnn"] for row in rows}))
        parts.append(table(rows, device) + f"\n\nGit's name for the contents of `targets/cpu`: {versions}. ncnn {ncnn}.")
    tables = "\n\n".join(parts) + "\n"
    (docs / "arm.md").write_text(HEAD + tables)
    return tables
