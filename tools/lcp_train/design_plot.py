"""The design loop's picture: accuracy against parameters, and against modelled latency."""

import io
from collections.abc import Iterator
from math import cos, log10, pi, sin
from pathlib import Path
from typing import NamedTuple

from .design import Outcome
from .errors import Problem
from .module import write_whole

ORIGINAL, NARROW, DEVICES, ONE = "#222222", "#d1660a", "#1f5fae", "#3f8fd2"
HIGHEST_LINEAR_RATIO = 6.0


class Point(NamedTuple):
    x: float
    y: float
    label: str
    marker: str
    colour: str


def require() -> None:
    """Said before hours of training rather than after them."""
    try:
        import matplotlib  # noqa: F401
    except ImportError:
        raise Problem("the plot needs matplotlib (Debian: python3-matplotlib)") from None


def by_parameters(outcome: Outcome) -> list[Point]:
    style = {"original": ("s", ORIGINAL), "narrow": ("D", NARROW), "split": ("o", DEVICES)}
    return [Point(row.cost.parameters, row.after, "narrow" if row.kind == "narrow" else row.name, *style[row.kind])
            for row in outcome.rows]


def by_latency(outcome: Outcome) -> list[Point]:
    points = []
    for row in outcome.rows:
        if row.kind == "split":
            points += [Point(row.cost.devices_ms, row.after, f"{row.name}, {row.cost.devices} devices", "o", DEVICES),
                       Point(row.cost.one_device_ms, row.after, f"{row.name}, one device", "o", ONE)]
        else:
            style = ("s", ORIGINAL) if row.kind == "original" else ("D", NARROW)
            points.append(Point(row.cost.one_device_ms, row.after, f"{row.kind}, one device", *style))
    return points


def directions() -> Iterator[tuple[float, float]]:
    """Where a label may stand, in points from its marker, the nearest first."""
    for distance in (8, 16, 26, 38, 52, 68, 86):
        for eighth in (0, 4, 1, 7, 3, 5, 2, 6):
            angle = eighth * pi / 4
            yield distance * cos(angle), distance * sin(angle)


def place_labels(axes, points: list[Point]) -> None:
    """Each label where it hides no marker and no other label; a thin line leads to one that stands apart."""
    figure = axes.figure
    renderer, inside = figure.canvas.get_renderer(), axes.get_window_extent()
    spots = [axes.transData.transform((p.x, p.y)) for p in points]
    taken = []
    for point, spot in zip(points, spots):
        for dx, dy in directions():
            side = "left" if dx > 1 else "right" if dx < -1 else "center"
            text = axes.annotate(point.label, (point.x, point.y), (dx, dy), textcoords="offset points", fontsize=8, ha=side,
                                 va="center", color=point.colour)
            box = text.get_window_extent(renderer).padded(2)
            free = inside.x0 <= box.x0 and box.x1 <= inside.x1 and inside.y0 <= box.y0 and box.y1 <= inside.y1 \
                and not any(box.overlaps(other) for other in taken) and not any(box.padded(3).contains(*s) for s in spots)
            if free:
                break
            text.remove()
        else:
            continue  # The table has it.
        taken.append(box)
        if dx * dx + dy * dy > 9 * 9:
            axes.annotate("", (point.x, point.y), (dx, dy), textcoords="offset points",
                          arrowprops={"arrowstyle": "-", "color": point.colour, "linewidth": 0.5, "shrinkA": 0, "shrinkB": 3})


def plain(value: float, _: int | None = None) -> str:
    """61,706 or 0.01, not 6.17e4 or a power of ten."""
    return f"{value:,.0f}" if value >= 1000 else f"{value:g}"


def fit_axes(axes, points: list[Point]) -> None:
    """Room for labels beside every point; a logarithmic axis where values lie far apart."""
    xs, ys = [p.x for p in points], [p.y for p in points]
    if min(xs) > 0 and max(xs) / min(xs) > HIGHEST_LINEAR_RATIO:
        axes.set_xscale("log")
        margin = 0.35 * log10(max(xs) / min(xs))
        axes.set_xlim(min(xs) / 10 ** margin, max(xs) * 10 ** margin)
    else:
        margin = 0.35 * ((max(xs) - min(xs)) or max(xs) or 1.0)
        axes.set_xlim(max(0.0, min(xs) - margin), max(xs) + margin)
    axes.xaxis.set_major_formatter(plain)
    margin = 0.2 * ((max(ys) - min(ys)) or 1.0)
    axes.set_ylim(min(ys) - margin, max(ys) + margin)


def draw(axes, points: list[Point], lowest: float | None) -> None:
    fit_axes(axes, points)
    axes.grid(True, color="#e4e4e4", linewidth=0.6)
    axes.set_axisbelow(True)
    if lowest is not None:
        axes.axhline(lowest, color="#a02020", linewidth=0.8, linestyle="--", zorder=1)
        axes.text(0.99, lowest, "the bound", color="#a02020", fontsize=8, ha="right", va="bottom",
                  transform=axes.get_yaxis_transform())
    for point in points:
        axes.plot(point.x, point.y, point.marker, color=point.colour, markersize=6, zorder=3)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)


def plot(outcome: Outcome, bound: float, device: str, model: str, folder: Path) -> None:
    """plot.png and plot.svg in `folder`; the same rows give the same bytes."""
    import matplotlib
    matplotlib.use("Agg")
    from matplotlib import pyplot
    # Text as text keeps the file small; without a salt and with a date no two would be alike.
    matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "lcp", "font.size": 9})
    figure, (left, right) = pyplot.subplots(1, 2, figsize=(10.5, 4.2), sharey=True, constrained_layout=True)
    split = outcome.split
    lowest = outcome.original.after - bound if any(outcome.loss(r) > bound for r in outcome.rows) else None
    panels = ((left, by_parameters(outcome), "parameters, of all branches together"),
              (right, by_latency(outcome), f"modelled latency of one inference on {device}, ms"))
    for axes, points, title in panels:
        draw(axes, points, lowest)
        axes.set_xlabel(title)
    left.set_ylabel("accuracy on the test set, %")
    figure.suptitle(f"{model}: divided over {split.cost.devices} devices, and on one", fontsize=10)
    figure.canvas.draw()
    for axes, points, _ in panels:
        place_labels(axes, points)
    for form in ("png", "svg"):
        content = io.BytesIO()
        figure.savefig(content, format=form, dpi=150, metadata={"Date": None} if form == "svg" else {"Software": None})
        write_whole(folder / f"plot.{form}", content.getvalue())
    pyplot.close(figure)
