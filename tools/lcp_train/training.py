"""The training loop: resumable after any epoch, and the same bits then."""

import hashlib
import io
import json
import pickle
import time
from dataclasses import asdict
from pathlib import Path
from typing import TextIO

import torch
from torch import Tensor
from torch.nn import functional

from .data import Part
from .errors import Problem
from .module import OnnxModule, write_whole
from .progress import Progress
from .recipe import BETAS, SOFT_SHARE, Pixels, Recipe, start_from_scratch

EVALUATED_AT_ONCE = 500


def answers(module: OnnxModule, images: Tensor, pixels: Pixels, without: tuple[int, ...] = ()) -> Tensor:
    """What the network answers before a final softmax, in evaluation mode."""
    module.eval()
    with torch.no_grad():
        return torch.cat([module.before_softmax(pixels(x), without) for x in images.split(EVALUATED_AT_ONCE)])


def accuracy(module: OnnxModule, part: Part, pixels: Pixels, without: tuple[int, ...] = ()) -> float:
    """Percent of the images whose label gets the largest answer."""
    place = next(module.parameters()).device
    found = answers(module, part.images.to(place), pixels, without).argmax(1)
    return 100 * float((found.cpu() == part.labels).double().mean())


def augmented(images: Tensor) -> Tensor:
    """Every image moved by up to an eighth each way, the border black, and half of them mirrored."""
    count, _, height, width = images.shape
    reach = height // 8, width // 8
    wide = functional.pad(images, (reach[1], reach[1], reach[0], reach[0]))
    down, right = (torch.randint(2 * r + 1, (count, 1)) for r in reach)
    rows, columns = down + torch.arange(height), right + torch.arange(width)
    columns = torch.where(torch.rand(count, 1) < 0.5, columns.flip(1), columns)
    which = torch.arange(count)[:, None, None]
    moved = wide.permute(0, 2, 3, 1)[which, rows[:, :, None], columns[:, None, :]]
    return moved.permute(0, 3, 1, 2)


def soft_loss(logits: Tensor, wanted: Tensor, temperature: float) -> Tensor:
    """Hinton et al., 2015: the squared temperature keeps the gradients' size."""
    divergence = functional.kl_div((logits / temperature).log_softmax(1), (wanted / temperature).softmax(1),
                                   reduction="batchmean")
    return temperature ** 2 * divergence


class Trainer:
    """One network's training; `fit` ends it."""

    def __init__(self, module: OnnxModule, part: Part, recipe: Recipe, pixels: Pixels,
                 teacher: OnnxModule | None = None) -> None:
        if recipe.branch_dropout and not module.branch_count:
            raise Problem("branch dropout needs a network with branches")
        self.module, self.recipe, self.pixels, self.teacher = module, recipe, pixels, teacher
        self.place = next(module.parameters()).device
        self.images, self.labels = part.images.to(self.place), part.labels.to(self.place)
        module.dropout_ratio, module.branch_dropout = recipe.dropout, recipe.branch_dropout
        if recipe.scratch:
            start_from_scratch(module, recipe.seed)
        self.optimizer = self.make_optimizer()
        self.epoch, self.losses = 0, []
        # Without augmentation the teacher says the same in every epoch.
        self.soft = answers(teacher, self.images, pixels) if teacher and not recipe.augment else None

    def make_optimizer(self) -> torch.optim.Adam:
        weights = [p for p in self.module.parameters() if p.dim() > 1]
        others = [p for p in self.module.parameters() if p.dim() <= 1]
        groups = [{"params": weights, "weight_decay": self.recipe.l2}, {"params": others, "weight_decay": 0.0}]
        return torch.optim.Adam(groups, lr=self.recipe.rate, betas=BETAS)

    def fit(self, checkpoint: Path | None = None, quiet: bool = False, log: TextIO | None = None) -> None:
        """Trains to the end; with a checkpoint, from the epoch it was written after. A line an epoch goes to
        `log`, by default standard output."""
        if checkpoint and checkpoint.exists():
            self.resume(checkpoint)
        with Progress(-(-len(self.images) // self.recipe.batch), quiet, log) as progress:
            while self.epoch < self.recipe.epochs:
                start = time.monotonic()
                self.losses.append(self.run_epoch(progress))
                self.epoch += 1
                if checkpoint:
                    self.write(checkpoint)
                progress.say(f"epoch {self.epoch}/{self.recipe.epochs}: loss {self.losses[-1]:.4f}, "
                             f"{time.monotonic() - start:.1f} s")

    def run_epoch(self, progress: Progress) -> float:
        """The mean loss. Everything random in an epoch follows from the seed and the epoch."""
        torch.manual_seed(self.recipe.seed * 100_003 + self.epoch)
        for group in self.optimizer.param_groups:
            group["lr"] = self.recipe.rate_in(self.epoch)
        self.module.train()
        total = 0.0
        for batch in torch.randperm(len(self.images)).split(self.recipe.batch):
            batch = batch.to(self.place)
            loss = self.loss(batch)
            self.optimizer.zero_grad(set_to_none=True)
            loss.backward()
            self.optimizer.step()
            total += float(loss.detach()) * len(batch)
            progress.step()
        if not total < float("inf"):
            raise Problem(f"the loss is no number in epoch {self.epoch + 1}; a lower --lr may help")
        return total / len(self.images)

    def loss(self, batch: Tensor) -> Tensor:
        images, labels = self.images[batch], self.labels[batch]
        x = self.pixels(augmented(images) if self.recipe.augment else images)
        logits = self.module.before_softmax(x)
        hard = functional.cross_entropy(logits, labels)
        if not self.teacher:
            return hard
        if self.soft is not None:
            wanted = self.soft[batch]
        else:
            with torch.no_grad():
                wanted = self.teacher.before_softmax(x)
        return SOFT_SHARE * soft_loss(logits, wanted, self.recipe.temperature) + (1 - SOFT_SHARE) * hard

    def identity(self) -> dict:
        """What a checkpoint must agree with: the recipe, and the graph without its values."""
        nodes = b"".join(node.SerializeToString(deterministic=True) for node in self.module.onnx_model.graph.node)
        return {**asdict(self.recipe), "graph": hashlib.sha256(nodes).hexdigest(), "teacher": bool(self.teacher)}

    def write(self, path: Path) -> None:
        """Only tensors, whole numbers and text: what PyTorch reads without running code."""
        content = io.BytesIO()
        torch.save({"identity": json.dumps(self.identity()), "epoch": self.epoch,
                    "losses": torch.tensor(self.losses, dtype=torch.float64), "module": self.module.state_dict(),
                    "moments": self.optimizer.state_dict()["state"]}, content)
        write_whole(path, content.getvalue())

    def resume(self, path: Path) -> None:
        try:
            state = torch.load(str(path), map_location=self.place, weights_only=True)
            identity, epoch, losses = json.loads(state["identity"]), state["epoch"], state["losses"].tolist()
        except (OSError, RuntimeError, EOFError, LookupError, TypeError, ValueError, pickle.UnpicklingError):
            raise Problem(f"{path}: is not a whole checkpoint; delete it to begin again") from None
        mine = self.identity()
        if different := [key for key in mine if mine[key] != identity.get(key)]:
            raise Problem(f"{path}: is of another training ({', '.join(different)}); delete it to begin again")
        self.module.load_state_dict(state["module"])
        self.optimizer.load_state_dict({**self.optimizer.state_dict(), "state": state["moments"]})
        self.epoch, self.losses = epoch, losses
