"""How a network is trained: the numbers, and the state they start from."""

from dataclasses import dataclass
from math import isfinite

import torch
from torch import Tensor

from .errors import Problem
from .module import OnnxModule


@dataclass(frozen=True)
class Recipe:
    """The method's published recipe is the default (Hadidi et al.): Adam with
    0.9 and 0.99, a rate of 1e-2 that decays by 0.94, dropout of half, L2 of 5e-4,
    weights from N(0, 4e-2), at least 12 epochs."""

    epochs: int = 12
    batch: int = 128
    rate: float = 1e-2
    decay: float = 0.94
    decay_epochs: int = 2
    l2: float = 5e-4
    dropout: float = 0.5
    scratch: bool = False
    temperature: float = 4.0
    branch_dropout: float = 0.0
    augment: bool = False
    seed: int = 0

    def rate_in(self, epoch: int) -> float:
        return self.rate * self.decay ** (epoch // self.decay_epochs)


BETAS = (0.9, 0.99)
DEVIATION = 4e-2
# Of the loss, when there is a teacher: the rest is the labels'.
SOFT_SHARE = 0.9


@dataclass(frozen=True)
class Pixels:
    """From 8-bit pixels to an input, (pixel - mean) * scale, as lcp-compile's --image
    has it. One number stands for all channels."""

    mean: tuple[float, ...] = (0.0,)
    scale: tuple[float, ...] = (1 / 255,)
    bgr: bool = False

    def __call__(self, images: Tensor) -> Tensor:
        x = images.flip(1) if self.bgr else images
        mean, scale = (torch.tensor(v, device=x.device).reshape(1, -1, 1, 1) for v in (self.mean, self.scale))
        # Channels last: convolutions and pools on a CPU are up to a third faster.
        return ((x.float() - mean) * scale).contiguous(memory_format=torch.channels_last)


def parse_pixels(text: str) -> Pixels:
    """mean=M[,M,M],scale=S[,S,S],order=rgb|bgr"""
    lists: dict[str, list[float]] = {"mean": [], "scale": []}
    order, key = "rgb", ""
    for token in text.split(","):
        name, equals, value = token.rpartition("=")
        key = name if equals else key
        try:
            if key == "order" and value in ("rgb", "bgr"):
                order = value
            else:
                number = float(value)
                if not isfinite(number) or key == "scale" and number == 0:
                    raise ValueError
                lists[key].append(number)
        except (KeyError, ValueError):
            raise Problem(f"--image: cannot read '{token}'; write mean=M[,M,M],scale=S[,S,S],order=rgb|bgr") from None
    return Pixels(tuple(lists["mean"]) or (0.0,), tuple(lists["scale"]) or (1.0,), order == "bgr")


def start_from_scratch(module: OnnxModule, seed: int) -> None:
    """Weights from N(0, 4e-2), biases 0, batch normalisations as new. In the order
    of the graph, so that a seed gives the same values everywhere."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for node in module.onnx_model.graph.node:
            values = [module.initializer_value(name) if name in module.initializer_places else None for name in node.input]
            if node.op_type in ("Conv", "Gemm") and values[1] is not None:
                drawn = torch.randn(values[1].shape, generator=generator) * DEVIATION
                values[1].copy_(drawn)
                if len(values) > 2 and values[2] is not None:
                    values[2].zero_()
            if node.op_type == "BatchNormalization":
                for value, new in zip(values[1:], (1.0, 0.0, 0.0, 1.0)):
                    value.fill_(new)
