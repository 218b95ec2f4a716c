"""docs/performance.md and docs/performance.svg from the stored rows: nothing in them is from
elsewhere."""

import json
import math
from collections.abc import Iterable
from pathlib import Path

import performance_plot
import rounds
from performance_rows import ENGINES, FORMS, NETWORKS, ROWS, THREADS, Row

HEAD = """# Our kernels beside other engines, measured

Written by `benchmark/performance.py table` from the rows stored in `benchmark/performance/`;
`./bootstrap bench` measures those that are missing.

- Batch 1, the networks of `test/models/build.py` with random weights. Every engine gets the
  same ONNX file: the network, or the first branch of its split as `lcp-translate` exports it.
- One inference or a few (0.1 s of them) of each engine in turn, round by round, each in a
  process of its own that is warm; the others are stopped meanwhile. On one thread all are
  pinned to the same CPU. A cell has the least, the median and the 99th percentile in ms.
- Before an engine is timed its answer is compared with ONNX Runtime's: 1e-3 of the largest
  magnitude in fp32; integers, 0.25, which tells only that it is the same network.
- *fastest peer / ours*: the median of the rounds' ratios, above 1 where ours is faster.
  *peak*: our multiply-accumulates in the median time, in percent of independent fused
  multiply-adds on as many threads. *roofline*: the least time that this machine can take in
  percent of ours, layer by layer the longer of multiplying at that peak and moving weights,
  inputs and result at the rate measured for as much memory (`benchmark/roofline.py`).
- *Memory* is the most that was resident in an inference, and in brackets with loading; of the
  peers less what Python takes without them. *Seconds* are from the ONNX file to the first
  inference, of integers with calibration.
- TVM is as it comes, without tuning. An engine too slow for all rounds was in some of them.
- The last column has Git's name for `targets/cpu` then; the stored row has the commit.
  *others* is what other processes took of the machine's CPUs during the rounds, where it
  was more than 5 %: then only the least times and the ratios tell something.
"""
PLOT = "\n![How much faster than the fastest peer](performance.svg)"

DISTURBED = 0.05
ONES = {"one": "one thread", "all": "all cores"}


class Stored:
    def __init__(self, row: Row, found: dict) -> None:
        self.row, self.found = row, found

    @property
    def measured(self) -> bool:
        return "problem" not in self.found

    def of(self, name: str, precision: str) -> dict | None:
        """An engine's figures, if it has some."""
        own = self.found["engines"].get(f"{name}-{precision}", {})
        return own if "median" in own else None

    def ratio(self, ours: str, theirs: str) -> tuple[float, str] | None:
        """How many times as long the fastest peer takes, and its name; in these precisions."""
        own = self.of("lcp", ours)
        peers = [(rounds.ratio(own["rounds"], peer["rounds"]), name) for name in ENGINES
                 if own and name != "lcp" and (peer := self.of(name, theirs))]
        return min(peers, default=None)

    @property
    def percent_of_roofline(self) -> float:
        return 100 * self.found["roofline_ms"] / self.of("lcp", "fp32")["median"]

    @property
    def version(self) -> str:
        others = self.found["others"]
        return self.found["cpu_target"] + (f" (others {100 * others:.0f} %)" if others > DISTURBED else "")


class Notes:
    """Reasons, each said once, by number."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def number(self, text: str) -> str:
        if text not in self.texts:
            self.texts.append(text)
        return f"({self.texts.index(text) + 1})"

    def lines(self) -> list[str]:
        return ["", *(f"({i + 1}) {text}." for i, text in enumerate(self.texts))] if self.texts else []


def ms(value: float) -> str:
    return f"{value:.{max(0, min(3, 2 - math.floor(math.log10(value))))}f}" if value > 0 else "0"


def cell(stored: Stored, name: str, precision: str, notes: Notes) -> str:
    if own := stored.of(name, precision):
        return " / ".join(ms(own[key]) for key in ("min", "median", "p99"))
    reason = stored.found["engines"].get(f"{name}-{precision}", {}).get("problem", "not asked")
    return "none yet " + notes.number(reason) if name == "lcp" else "none " + notes.number(reason)


def against(stored: Stored, ours: str, theirs: str) -> str:
    found = stored.ratio(ours, theirs)
    return f"{found[0]:.2f} ({ENGINES[found[1]]})" if found else ""


def head(columns: list[str]) -> list[str]:
    return ["| " + " | ".join(columns) + " |", "|---" + "|---:" * (len(columns) - 1) + "|"]


def times_table(group: list[Stored], precision: str, notes: Notes) -> list[str]:
    """Integer networks of peers are compared with our fp32 one until there are ours."""
    last = ["peak", "roofline", "measured at"] if precision == "fp32" else ["fastest int8 peer / our fp32", "measured at"]
    lines = head(["ms", *ENGINES.values(), "fastest peer / ours", *last])
    for stored in group:
        cells = [stored.row.title, *(cell(stored, name, precision, notes) for name in ENGINES),
                 against(stored, precision, precision)]
        if precision == "int8":
            cells.append(against(stored, "fp32", "int8"))
        elif stored.of("lcp", "fp32"):
            cells += [f"{stored.found['percent_of_peak']:.0f} %", f"{stored.percent_of_roofline:.0f} %"]
        else:
            cells += ["", ""]
        cells.append(stored.version)
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def costs_table(group: list[Stored], precision: str) -> list[str]:
    lines = head(["MB, seconds", *ENGINES.values()])
    for stored in group:
        cells = [stored.row.title]
        for name in ENGINES:
            own = stored.of(name, precision)
            if own:
                without = 0 if name == "lcp" else stored.found["python_bytes"]
                inference, loading = ((own["memory"][key] - without) / 1e6 for key in ("inference", "loading"))
                cells.append(f"{inference:,.0f} ({loading:,.0f}), {own['compile_seconds']:.1f} s")
            else:
                cells.append("")
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def mean_ratio(group: Iterable[Stored], ours: str, theirs: str) -> tuple[float, float, int] | None:
    """Geometric mean and least of the ratios to the fastest peer, and of how many."""
    ratios = [found[0] for stored in group if (found := stored.ratio(ours, theirs))]
    return (math.exp(sum(map(math.log, ratios)) / len(ratios)), min(ratios), len(ratios)) if ratios else None


def verdicts(group: list[Stored]) -> list[str]:
    lines = []
    for form, (title, _) in FORMS.items():
        if found := mean_ratio([s for s in group if s.row.form == form], "fp32", "fp32"):
            lines.append(f"- {title}, fp32: {found[0]:.2f} times as fast as the fastest peer in the geometric mean "
                         f"of {found[2]}, {found[1]:.2f} at least.")
    return ["", *lines] if lines else []


def section(threads: str, group: list[Stored]) -> list[str]:
    measured, notes = [s for s in group if s.measured], Notes()
    lines = []
    if measured:
        first = max(measured, key=lambda s: s.found["peak"]["flops"]).found
        rate = first["peak"]["flops"] / 1e9
        lines = [f"\n## {ONES[threads].capitalize()}, fp32\n",
                 f"{first['machine']['cpu']}, {first['cpus']} of {first['machine']['cpus']} CPUs, {rate:.0f} GFLOP/s of "
                 f"fused multiply-adds, {first['peak']['read'][-1][1] / 1e9:.1f} GB/s from memory; "
                 + "; ".join(first["versions"].values()) + ".\n", *times_table(measured, "fp32", notes), *verdicts(measured),
                 f"\n## {ONES[threads].capitalize()}, int8\n", *times_table(measured, "int8", notes),
                 f"\n## {ONES[threads].capitalize()}, memory and compile time, fp32\n", *costs_table(measured, "fp32")]
        lines += notes.lines()
    failed = [f"- {s.row.title}, {ONES[threads]}: not measured ({s.found['problem']})." for s in group if not s.measured]
    return lines + (["", *failed] if failed else [])


def group_of(stored: list[Stored]) -> list[Stored]:
    """In the order of the networks, each in all of its forms."""
    order = list(NETWORKS)
    return sorted(stored, key=lambda s: (order.index(s.row.network), list(FORMS).index(s.row.form)))


def progress(row: Row, result: dict) -> str:
    """A line for a row that was just measured."""
    stored = Stored(row, result)
    times = [f"{name} {ms(own['median'])}" for name in ENGINES if (own := stored.of(name, "fp32"))]
    return f"{row.name}: fp32 ms {', '.join(times)}; fastest peer / ours {against(stored, 'fp32', 'fp32')}"


def missing(all_stored: list[Stored]) -> list[str]:
    there = {stored.row for stored in all_stored}
    names: dict[str, list[str]] = {}
    for row in (row for row in ROWS if row not in there):
        names.setdefault(f"{FORMS[row.form][0]}, {ONES[row.threads]}", []).append(NETWORKS[row.network])
    return ["\nNot measured yet:\n", *(f"- {what}: {', '.join(of)}" for what, of in names.items())] if names else []


def render(all_stored: list[Stored]) -> str:
    lines = [HEAD.rstrip(), *([PLOT] if any(s.measured for s in all_stored) else [])]
    for threads in THREADS:
        lines += section(threads, group_of([s for s in all_stored if s.row.threads == threads]))
    return "\n".join(lines + missing(all_stored)) + "\n"


def write(runs: Path, docs: Path) -> str:
    all_stored = [Stored(row, json.loads(path.read_text())) for row in ROWS if (path := runs / f"{row.name}.json").exists()]
    text = render(all_stored)
    (docs / "performance.md").write_text(text)
    bars = [(s.row, found[0]) for s in all_stored if s.measured and (found := s.ratio("fp32", "fp32"))]
    if bars:
        performance_plot.write(docs / "performance.svg", bars)
    return text
