"""The least time that a machine can take for a network, from the report of lcp-compile and
what machine_peak measured."""

from dataclasses import dataclass

@dataclass(frozen=True)
class Peak:
    """Of so many threads together: floating-point operations a second, two to a fused
    multiply-add, and bytes a second by the size of the buffer that is read again and again."""

    flops: float
    read: list[tuple[int, float]]

    def bytes_per_second(self, size: float) -> float:
        """Of the largest measured buffer that is no larger: what a bound may rest on."""
        fitting = [rate for bytes_, rate in self.read if bytes_ <= size]
        return fitting[-1] if fitting else self.read[0][1]


@dataclass(frozen=True)
class Layer:
    name: str
    macs: int
    weight_bytes: int
    activation_bytes: int


def layers(report: dict) -> list[Layer]:
    """Those that multiply, of all branches."""
    return [Layer(layer["name"], layer["macs"], layer["parameter_bytes"], layer["input_bytes"] + layer["output_bytes"])
            for step in report["steps"] for branch in step.get("branches", []) for layer in branch["layers"]]


def least_ms(network: list[Layer], peak: Peak) -> float:
    """Layer by layer the longer of multiplying at the peak and moving its bytes: its weights
    come from where all of the network's fit, since each is needed once an inference; what
    else it reads, and its result, which is written no faster than it could be read, from
    where these two fit by themselves. `lcp-run --profile --counts` counts alike."""
    weights = sum(layer.weight_bytes for layer in network)
    total = 0.0
    for layer in network:
        moving = layer.weight_bytes / peak.bytes_per_second(weights) + \
            layer.activation_bytes / peak.bytes_per_second(layer.activation_bytes)
        total += max(2 * layer.macs / peak.flops, moving)
    return 1e3 * total


def percent_of_peak(network: list[Layer], peak: Peak, ms: float) -> float:
    return 100 * 2 * sum(layer.macs for layer in network) / peak.flops / (ms / 1e3)
