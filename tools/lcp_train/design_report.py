"""What the design loop says: a table that grows, the comparison with one device,
and the same as JSON. Latencies are modelled by the compiler, never measured here."""

from dataclasses import asdict
from typing import NamedTuple

from .design import Outcome, Row

COLUMNS = "{:30}{:>9}{:>9}{:>8}{:>14}{:>17}{:>13}{:>13}"


class Choice(NamedTuple):
    """A way to run a network: how many devices, its accuracy, milliseconds by the device's file."""

    title: str
    devices: int
    accuracy: float
    ms: float
    efficiency: str


def label(row: Row) -> str:
    return f"narrow, MACs of {row.name.removeprefix('narrow-')}" if row.kind == "narrow" else row.name


def header(factor: int, device: str) -> str:
    return COLUMNS.format("", "before", "after", "loss,", "", "", f"modelled ms on {device}".rjust(24)[:24], "").rstrip() \
        + "\n" + COLUMNS.format("network", "%", "%", "points", "parameters", "MACs", f"{factor} devices", "one device")


def line(outcome: Outcome, row: Row) -> str:
    cost = row.cost
    return COLUMNS.format(
        label(row), "" if row.before is None else f"{row.before:.2f}", f"{row.after:.2f}",
        "" if row.kind == "original" else f"{outcome.loss(row):.2f}", f"{cost.parameters:,}", f"{cost.macs:,}",
        f"{cost.devices_ms:.3f}" if row.kind == "split" else "", f"{cost.one_device_ms:.3f}")


def on_devices(outcome: Outcome) -> Choice:
    row = outcome.split
    return Choice(row.name, row.cost.devices, row.after, row.cost.devices_ms, row.cost.efficiency)


def on_one_device(outcome: Outcome) -> list[Choice]:
    """What fits one device: the original, the split that counts, the narrow network."""
    titles = {"original": "the original", "narrow": "the narrow network", "split": f"all branches of {outcome.split.name}"}
    return [Choice(titles[row.kind], 1, row.after, row.cost.one_device_ms, row.cost.efficiency) for row in outcome.rows
            if row.cost.one_device_fits and (row.kind != "split" or row is outcome.split)]


def best_on_one_device(outcome: Outcome) -> Choice | None:
    """The fastest that is no less accurate than the split that counts; of equals, the most accurate."""
    enough = [choice for choice in on_one_device(outcome) if choice.accuracy >= outcome.split.after]
    return min(enough, key=lambda choice: (choice.ms, -choice.accuracy), default=None)


def describe(choice: Choice) -> str:
    return f"{choice.title}, {choice.accuracy:.2f} % in {choice.ms:.3f} ms (modelled; efficiency: {choice.efficiency})"


def verdict(outcome: Outcome) -> str:
    """In one sentence, whether one device does better."""
    many, one = on_devices(outcome), best_on_one_device(outcome)
    if one is None:
        return f"No single device holds a network that is as accurate: {many.devices} devices are what there is."
    if one.ms < many.ms:
        return f"One device is the better choice: no less accurate, and {many.ms / one.ms:.1f} times as fast as {many.devices}."
    return f"{many.devices} devices are the better choice: {one.ms / many.ms:.1f} times as fast as the best on one."


def summary(outcome: Outcome, bound: float) -> list[str]:
    split = outcome.split
    loss = f"{outcome.loss(split):.2f} points lost, {bound:g} allowed"
    said = f"The first split within the bound: {split.name}, {loss}." if outcome.met else \
        f"No split is within the bound; the last one: {split.name}, {loss}."
    one = best_on_one_device(outcome)
    lines = [said, f"On {split.cost.devices} devices: {describe(on_devices(outcome))}.",
             f"On one device, at best: {describe(one) if one else 'nothing that is as accurate and fits'}."]
    if not split.cost.fits:
        lines.append(f"A branch of {split.name} does not fit the memory of its device.")
    if outcome.no_narrow:
        lines.append(f"No narrow network: {outcome.no_narrow}.")
    return [*lines, verdict(outcome)]


def as_json(outcome: Outcome, settings: dict) -> dict:
    one = best_on_one_device(outcome)
    rows = [{**asdict(row), "loss": outcome.loss(row)} for row in outcome.rows]
    return {**settings, "rows": rows, "met": outcome.met.name if outcome.met else None, "stopped": outcome.stopped,
            "no_narrow": outcome.no_narrow, "on_devices": on_devices(outcome)._asdict(),
            "best_on_one_device": one._asdict() if one else None, "verdict": verdict(outcome)}
