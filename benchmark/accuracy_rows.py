"""The rows of docs/accuracy.md and the recipe of each network: what accuracy.py runs."""

from dataclasses import dataclass, replace
from functools import cached_property

from lcp_train.recipe import Pixels, Recipe

NETWORKS = ("lenet", "lenet_fc", "cifarnet")
DATA = {"lenet": "mnist", "lenet_fc": "mnist", "cifarnet": "cifar10"}
PIXELS = {"lenet": Pixels(), "lenet_fc": Pixels(),
          "cifarnet": Pixels((125.3, 123.0, 113.9), (1 / 63.0, 1 / 62.1, 1 / 66.7))}  # CIFAR-10's own moments
# The published recipe but for the rate, 1e-2: with it the whole LeNet-FC ended at
# 96.6 % on a held-out sixth of the training set, with 1e-3 at 97.7 %.
COMMON = Recipe(rate=1e-3)
RECIPES = {"lenet": COMMON, "lenet_fc": COMMON, "cifarnet": replace(COMMON, augment=True)}
# Factor and fattening in percent.
SPLITS = ((2, 0), (4, 0), (8, 0), (8, 40))
# Rows by affinity choose channels by the answers to so many training images, the first ones.
CALIBRATED = 200
LONG = 2


@dataclass(frozen=True)
class Row:
    """One run. `kind` is original, again (the original trained on, as the rows from
    slices are), split, or narrow (as wide as gives the MACs of that split). `long` runs
    have LONG times the epochs."""

    network: str
    kind: str
    seed: int
    split: int = 1
    fatten: int = 0
    assign: str = "contiguous"
    start: str = "scratch"
    distill: bool = False
    long: bool = False

    @property
    def name(self) -> str:
        """Also the name of the file it is stored in."""
        parts = [self.network, self.kind]
        if self.kind in ("split", "narrow"):
            parts[1] += str(self.split) + (f"-f{self.fatten}" if self.fatten else "")
        if self.kind == "split":
            parts += [self.assign, self.start] + (["distill"] if self.distill else [])
        parts += ["long"] if self.long else []
        return "-".join([*parts, f"seed{self.seed}"])

    @property
    def facts(self) -> dict:
        return {"network": self.network, "kind": self.kind, "split": self.split, "fatten": self.fatten,
                "assign": self.assign, "init": self.start, "distill": self.distill, "seed": self.seed}

    @cached_property
    def parent(self) -> "Row | None":
        """The trained original that it starts from or learns from."""
        return None if self.kind == "original" else Row(self.network, "original", self.seed)

    @property
    def like(self) -> "Row":
        """Of a narrow row: the split whose MACs it has."""
        return replace(self, kind="split")

    @property
    def split_options(self) -> str:
        """As the published counts have it, every branch max(1, floor(W / N)) wide; by affinity
        all channels are dealt, since it has to choose among all of them."""
        rounding = "floor" if self.assign == "contiguous" else "spread"
        return f"factor={self.split} round={rounding} fatten={self.fatten} merge=concat assign={self.assign}"


def recipe(row: Row) -> Recipe:
    """One recipe a network; a row differs in where it starts and in its seed, and a long one in its epochs."""
    common = RECIPES[row.network]
    return replace(common, scratch=row.start == "scratch", seed=row.seed,
                   epochs=common.epochs * (LONG if row.long else 1))


def rows_of(network: str, seed: int) -> list[Row]:
    """Those whose comparison matters most first."""
    def split(assign: str, start: str, distill: bool) -> list[Row]:
        # LeNet's first layer has 6 channels: dealing them gives no more than 6 branches any.
        sizes = [(n, f) for n, f in SPLITS if assign == "contiguous" or network != "lenet" or n <= 6]
        return [Row(network, "split", seed, n, f, assign, start, distill) for n, f in sizes]
    return [Row(network, "original", seed),
            *split("contiguous", "slices", False),
            *(Row(network, "narrow", seed, n, f) for n, f in SPLITS),
            *split("contiguous", "slices", True), *split("contiguous", "scratch", False),
            Row(network, "again", seed, start="slices"),
            *split("affinity", "slices", False), *split("affinity", "slices", True),
            *split("affinity", "scratch", False),
            *split("contiguous", "scratch", True), *split("affinity", "scratch", True)]


SEEDS = {"lenet": 3, "lenet_fc": 3, "cifarnet": 1}
# Whether it was the epochs, where a split lost more than was published.
LONG_ROWS = [Row("lenet", "again", 0, start="slices", long=True), Row("lenet", "split", 0, 8, start="slices", long=True)]
ROWS = [row for network in NETWORKS for seed in range(SEEDS[network]) for row in rows_of(network, seed)] + LONG_ROWS
