"""docs/fleet.md and docs/fleet.svg from the stored runs: nothing in them is from elsewhere,
but the published figures of fleet_rows.py."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from xml.sax.saxutils import escape

from fleet_rows import CLUSTERS, NETWORKS, ROWS, Row, published
from testbed.network import FRAME, PAYLOAD

HEAD = """# A fleet against one device, measured

Written by `benchmark/fleet.py table` from the runs stored in `benchmark/fleet/`;
`benchmark/fleet.py run` does those that are missing. Beside each run stands Git's name
for the contents of `runtime/` then; the stored run has the commit, and those of compiler
and device files.

What is real here and what is modelled:

- The network is real, emulated on one machine ([rationale/test-bed.md](rationale/test-bed.md)):
  a coordinator and its devices, one namespace each, mutual TLS between them, links with
  the bandwidth and latency of the device file. Bytes are those that the coordinator's
  cable carried, both ways, headers and acknowledgements included; *predicted* is what
  the compiler says of it before (`common/traffic`). What workers send each other
  ([rationale/direct-exchange.md](rationale/direct-exchange.md)) is not in it, unless
  they give it up: on a channel that is full for seconds a peer counts as gone, and the
  stage is computed once more over the coordinator, which nobody predicts.
- *Input* is what each device that reads the image gets, a JPEG file of so many bytes
  (quality 90, of the input's size, with as much detail as photographs have). The device
  decodes it, the one device too.
- Answers are real: before each run the cluster's is compared with the in-process one,
  bit for bit.
- **Times of computing are modelled.** Each branch answers when the device would
  (`lcp-run --pace`): its multiply-accumulates, by kind of layer, over the rate in the
  device file, which is fitted to what is published for whole networks
  (`benchmark/published_efficiency.py`): for Raspberry Pis by ncnn, single networks are
  off by 13 to 17 % (root mean square), and by 27 % at worst; for t2.micro by TensorFlow,
  three networks, too few to tell. Narrow branches are assumed to be as efficient as
  whole networks.
- What a device does beside inference (TLS, copies) takes this machine's time, not the
  slower device's. *CPU* is that time, of the coordinator and of all devices together.
- That machine compiled other things meanwhile; the bed goes before them, but what the
  kernel does for the network does not, which shows in the higher percentiles. *Least* is
  what the emulated cluster takes undisturbed. *Bound* is what LCP would take on these
  devices and this link if decoding, TLS and waking up took no time at all: what is
  left for a better runtime to gain.
- Energy is the device file's power of a busy board: *computing*, for as long as each
  board computes; *boards on*, of all boards for the whole latency. Nobody publishes a
  t2.micro's.
- The networks have random weights; accuracies are the published ones, after training.
  The coordinator is a board more than the devices; it runs the classifier.
- *paper*: Hadidi et al., milliseconds with TensorFlow on Raspberry Pi 3B+ over WiFi, and
  on t2.micro, whose link the device file has from another source.

![Latencies](fleet.svg)
"""


# An answer to the same input is computed once; that one may come late.
LATE = 0.05


class Stored:
    def __init__(self, row: Row, path: Path) -> None:
        self.row, self.found = row, json.loads(path.read_text())

    @property
    def answered(self) -> bool:
        return "problem" not in self.found

    @property
    def median(self) -> float:
        return self.found["latency_ms"]["median"]

    @property
    def wire(self) -> int:
        return sum(self.found["wire_bytes"].values()) if self.row.workers else 0

    @property
    def input(self) -> str:
        if not self.row.workers:
            return ""
        return f"JPEG, {number(self.found['input_bytes'])}"

    @property
    def late(self) -> list[tuple[int, int]]:
        """Of branches that this machine was too slow for more than once and in more than LATE of
        their answers: of how many, of how many."""
        found = [tuple(map(int, re.search(r"in (\d+) of (\d+) runs", text).groups()))
                 for text in self.found["missed"] if " of 0 ms" not in text]
        return [(late, runs) for late, runs in found if late > max(1, LATE * runs)]

    def bound(self, link: dict, is_shared: bool) -> float | None:
        """Of one parallel stage, milliseconds: the slowest device's computing, the coordinator's,
        the wire's bytes one after the other, and a round trip; decoding, TLS and waking up for
        nothing."""
        if self.row.form != "lcp":
            return None
        compute, wire = self.found["compute_ms"], self.found["wire_bytes"]
        # Payload is what the link's rate counts; a cable carries both ways at once.
        carried = (sum if is_shared else max)(wire.values()) * PAYLOAD / FRAME
        return max(compute["devices"]) + compute["coordinator"] + \
            1e3 * (8 * carried / float(link["bandwidth_bits_per_s"]) + 2 * float(link["latency_s"]))

    def joules(self, watts: float | None) -> tuple[float | None, float | None]:
        if watts is None:
            return None, None
        compute = self.found["compute_ms"]
        computing = sum(compute["devices"]) + compute["coordinator"]
        return watts * computing / 1e3, watts * (self.row.workers + 1) * self.found["latency_ms"]["mean"] / 1e3


def number(value: float | None, digits: int = 0) -> str:
    return "" if value is None else f"{value:,.{digits}f}"


def line(stored: Stored, original: Stored | None, device: dict) -> str:
    row, found = stored.row, stored.found
    latency = found["latency_ms"]
    predicted = found["predicted_wire_bytes"]
    ms, top1 = published(row)
    computing, on = stored.joules(device.get("power_w"))
    bound = stored.bound(device["link"], CLUSTERS[row.cluster].link == "wifi")
    over = f"{100 * (stored.wire / predicted - 1):+.1f} %" if row.workers else ""
    cells = [row.title + (" (1)" if stored.late else ""), stored.input, number(bound, 1),
             *(number(latency[key], 1) for key in ("min", "mean", "median", "p99")),
             f"{original.median / stored.median:.2f}" if original else "",
             number(stored.wire) if row.workers else "", number(predicted) if row.workers else "", over,
             f"{found['cpu_ms']['coordinator']:.1f} + {found['cpu_ms']['devices']:.1f}",
             number(computing, 2), number(on, 2), number(ms), number(top1, 2), found["runtime"]]
    return "| " + " | ".join(cells) + " |"


COLUMNS = ["", "input", "bound ms", "least", "mean", "p50", "p99", "times as soon as the original on one", "bytes on the wire", "predicted", "",
           "CPU ms", "J computing", "J boards on", "paper ms", "paper top-1 %", "runtime"]


def verdict(group: list[Stored]) -> str:
    """How much sooner each number of devices is than one, and than those that divide exactly."""
    def other(form: str, branches: int, fatten: int) -> Stored | None:
        return next((s for s in group if (s.row.form, s.row.branches, s.row.fatten) == (form, branches, fatten)), None)

    lines = []
    for stored in (s for s in group if s.row.form == "lcp"):
        row = stored.row
        against = {"the original on one device": other("original", 1, 0),
                   "all its branches on one": other("all", row.branches, row.fatten),
                   "model parallel": other("widths", row.branches, 0)}
        gains = [f"{s.median / stored.median:.2f} against {name}" for name, s in against.items() if s]
        if gains:
            lines.append(f"- {row.title}: times as soon, {', '.join(gains)}.")
    return "\n".join(lines)


def section(cluster: str, network: str, stored: list[Stored], device: dict) -> str:
    group = [s for s in stored if s.answered]
    original = next((s for s in group if s.row.form == "original"), None)
    text = f"\n## {NETWORKS[network].title}, {CLUSTERS[cluster].title}\n\n"
    text += "| " + " | ".join(COLUMNS) + " |\n|---" + "|---:" * (len(COLUMNS) - 1) + "|\n"
    text += "\n".join(line(stored, original, device) for stored in group) + "\n"
    said = [verdict(group), *(f"- {s.row.title}: no answer ({s.found['problem']})." for s in stored if not s.answered)]
    return text + ("\n" + "\n".join(said) + "\n" if any(said) else "")


def notes(all_stored: list[Stored]) -> str:
    late = [f"- {s.row.name}: {len(s.late)} branches, the worst in {worst[0]} of {worst[1]} answers."
            for s in all_stored if s.late for worst in [max(s.late, key=lambda of: of[0] / of[1])]]
    if not late:
        return ""
    return f"\n(1) This machine was later than the device would have been in more than {100 * LATE:.0f} % of the answers:\n\n" + \
        "\n".join(late) + "\n"


class Plot:
    """Horizontal bars, a group a network and cluster."""

    BAR, LEFT, WIDTH = 16, 330, 900

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.y = 10

    def text(self, x: float, y: float, what: str, extra: str = "") -> None:
        self.parts.append(f'<text x="{x:.0f}" y="{y:.0f}" {extra}>{escape(what)}</text>')

    def group(self, title: str, bars: list[tuple[str, float, float]]) -> None:
        """Bars of label, median and p99, all to one scale."""
        self.text(10, self.y + 14, title, 'font-weight="bold"')
        self.y += 22
        most = max(p99 for _, _, p99 in bars)
        scale = (self.WIDTH - self.LEFT - 70) / most
        for label, median, p99 in bars:
            middle = self.y + self.BAR / 2
            self.text(self.LEFT - 8, middle + 4, label, 'text-anchor="end"')
            self.parts.append(f'<rect x="{self.LEFT}" y="{self.y}" width="{median * scale:.1f}" height="{self.BAR - 4}" '
                              f'fill="{"#c26a1b" if label.startswith("LCP") else "#4a6a8a"}"/>')
            self.parts.append(f'<path d="M{self.LEFT + median * scale:.1f} {middle - 2:.1f}H{self.LEFT + p99 * scale:.1f}" '
                              f'stroke="#222"/>')
            self.text(self.LEFT + p99 * scale + 6, middle + 4, f"{median:,.1f}")
            self.y += self.BAR
        self.y += 14

    def write(self, path: Path) -> None:
        path.write_text(f'<svg xmlns="http://www.w3.org/2000/svg" width="{self.WIDTH}" height="{self.y}" '
                        f'font-family="sans-serif" font-size="11">\n<rect width="100%" height="100%" fill="white"/>\n'
                        + "\n".join(self.parts) + "\n</svg>\n")


def write(runs: Path, docs: Path, device_file: Callable[[str], dict]) -> None:
    all_stored = [Stored(row, path) for row in ROWS if (path := runs / f"{row.name}.json").exists()]
    text, plot = HEAD, Plot()
    for cluster in CLUSTERS:
        device = device_file(CLUSTERS[cluster].device)
        for network in NETWORKS:
            group = [s for s in all_stored if (s.row.cluster, s.row.network) == (cluster, network)]
            if not group:
                continue
            text += section(cluster, network, group, device)
            title = f"{NETWORKS[network].title}, {CLUSTERS[cluster].title}: ms, median, and to the 99th percentile"
            plot.group(title, [(s.row.title, s.median, s.found["latency_ms"]["p99"]) for s in group if s.answered])
    (docs / "fleet.md").write_text(text + notes([s for s in all_stored if s.answered]))
    plot.write(docs / "fleet.svg")
