"""What each device carries, computes and sends, from lcp-compile's report."""

from dataclasses import dataclass


@dataclass
class Device:
    """One device's part in one inference; sizes in bytes."""

    parameters: int = 0
    macs: int = 0
    memory: int = 0
    received: int = 0
    sent: int = 0
    messages: int = 0

    @property
    def communicated(self) -> int:
        return self.received + self.sent


def total(items: list[dict], key: str) -> int:
    return sum(item[key] for item in items)


def add_branch(device: Device, branch: dict, mine: set[str], elsewhere: set[str]) -> None:
    """`mine` are values this device made itself; `elsewhere` those that others need."""
    device.parameters += branch["parameters"]
    device.macs += branch["macs"]
    device.received += total([v for v in branch["inputs"] if v["name"] not in mine], "bytes")
    device.sent += total([v for v in branch["outputs"] if v["name"] in elsewhere], "bytes")
    device.messages += 1
    mine.update(v["name"] for v in branch["outputs"])


def add_memory(device: Device, branches: list[dict]) -> None:
    """Code and weights of all stages; one arena, as large as the largest."""
    parts = [part for branch in branches for part in branch["parts"]]
    device.memory = total(parts, "code_bytes") + total(parts, "weight_bytes") + \
        max((part["arena_bytes"] for part in parts), default=0)


def consumed_elsewhere(report: dict, index: int) -> set[str]:
    """Values that anything but branch `index` reads: merges, serial stages, the caller."""
    read = {v["name"] for v in report["outputs"]}
    for step in report["steps"]:
        if "merge" in step:
            read.update(v["name"] for v in step["inputs"])
            continue
        for b, branch in enumerate(step["branches"]):
            if not step["parallel"] or b != index:
                read.update(v["name"] for v in branch["inputs"])
    return read


def devices(report: dict) -> list[Device]:
    """One Device for each branch of the parallel stages."""
    stages = [step for step in report["steps"] if "branches" in step and step["parallel"]]
    result = []
    for index in range(len(stages[0]["branches"])):
        device, mine, elsewhere = Device(), set(), consumed_elsewhere(report, index)
        branches = [stage["branches"][index] for stage in stages]
        for branch in branches:
            add_branch(device, branch, mine, elsewhere)
        add_memory(device, branches)
        result.append(device)
    return result


def whole(report: dict) -> Device:
    """The model on one device: everything that the report has."""
    device, mine = Device(), set()
    elsewhere = {v["name"] for v in report["outputs"]}
    branches = [branch for step in report["steps"] for branch in step.get("branches", [])]
    for branch in branches:
        add_branch(device, branch, mine, elsewhere)
    add_memory(device, branches)
    device.messages = 1
    return device


def largest(parts: list[Device]) -> Device:
    """The device that has most to do."""
    return max(parts, key=lambda d: (d.macs, d.communicated))


def serial(report: dict) -> Device:
    """The stages that run where the coordinator runs."""
    device = Device()
    for step in report["steps"]:
        if "branches" in step and not step["parallel"]:
            for branch in step["branches"]:
                device.parameters += branch["parameters"]
                device.macs += branch["macs"]
    return device
