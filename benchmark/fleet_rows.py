"""The rows of docs/fleet.md: which network, in which form, on which devices; and what was
published of them."""

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Cluster:
    """Devices of one kind, one of them as the coordinator, and how they are connected."""

    title: str
    device: str
    link: str


CLUSTERS = {
    "rpi4-gigabit": Cluster("Raspberry Pi 4, gigabit switch", "rpi4", "switch"),
    "rpi3-wifi": Cluster("Raspberry Pi 3B+, one WiFi channel", "rpi3", "wifi"),
    "t2.micro": Cluster("AWS t2.micro", "aws-t2.micro", "switch"),
}


@dataclass(frozen=True)
class Network:
    """As test/models/build.py has it; `width` is its factor on all channels."""

    title: str
    model: str
    width: float = 1


NETWORKS = {
    "resnet18": Network("ResNet-18", "resnet18"),
    "alexnet": Network("AlexNet", "alexnet_v2"),
    "mobilenet": Network("MobileNet-v1", "mobilenet_v1"),
    "mobilenet075": Network("MobileNet-v1 0.75", "mobilenet_v1", 0.75),
    "mobilenet050": Network("MobileNet-v1 0.5", "mobilenet_v1", 0.5),
    "vgg16": Network("VGG-16", "vgg16"),
    "resnet50": Network("ResNet-50", "resnet50"),
    "resnet18-cifar": Network("ResNet-18 for 32 x 32 pixels", "resnet18_cifar"),
}


@dataclass(frozen=True)
class Form:
    """How a network is used: `flags` of lcp-opt, with {n} for the number of branches, {fat}
    for their fattening and {half} for half of the joins; on `local` devices all of it runs on
    one, which asks nobody."""

    title: str
    flags: tuple[str, ...] = ()
    local: bool = False
    workers: int | None = None  # where that is not the number of branches


SPLIT = "--lcp-split=factor={n} fatten={fat}"
FORMS = {
    "original": Form("the original on one device", local=True),
    "all": Form("all branches on one device", (SPLIT,), local=True),
    "branch": Form("one branch alone on one device", (SPLIT, "--lcp-keep-branches=0"), local=True),
    "data": Form("data parallel: an image a device, {n} devices", ("--lcp-split-layers=1",), workers=1),
    "pipeline": Form("pipeline by layers, {n} devices", ("--lcp-split-layers={n}",)),
    "widths": Form("model parallel, {n} devices",
                   ("--lcp-plan-split=factor={n} merge=concat", "--lcp-split-widths")),
    "pairs": Form("model parallel, column and row paired, {n} devices",
                  ("--lcp-plan-split=factor={n} merge=concat cut=column-row", "--lcp-split-widths")),
    "tree": Form("tree, the first half of the joins, {n} devices", ("--lcp-split=factor={n} keep-first={half}",)),
    "lcp": Form("LCP, {n} devices", (SPLIT,)),
}
SPLITS = ((4, 0), (8, 0), (8, 40))


@dataclass(frozen=True)
class Row:
    network: str
    cluster: str
    form: str
    branches: int = 1
    fatten: int = 0

    @property
    def name(self) -> str:
        """Also the name of the file it is stored in."""
        return f"{self.cluster}-{self.network}-{self.form}{self.size}"

    @property
    def size(self) -> str:
        return "" if self.form == "original" else f"{self.branches}" + (f"-f{self.fatten}" if self.fatten else "")

    @property
    def title(self) -> str:
        form = FORMS[self.form]
        text = form.title.format(n=self.branches)
        if form.local and self.form != "original":
            text += f", split in {self.branches}"
        return text + (f", f{self.fatten}" if self.fatten else "")

    @property
    def workers(self) -> int:
        form = FORMS[self.form]
        return 0 if form.local else form.workers or self.branches


def rows_of(network: str, cluster: str) -> list[Row]:
    row = Row(network, cluster, "original")
    if network in ("mobilenet075", "mobilenet050"):  # the best small networks stand for themselves
        return [row]
    rows = [row]
    for n, fat in SPLITS:
        rows += [replace(row, form=form, branches=n, fatten=fat) for form in ("lcp", "all", "branch")]
    return rows + [replace(row, form=form, branches=4) for form in ("data", "pipeline", "widths", "pairs", "tree")] + \
        [replace(row, form="widths", branches=8)]


ROWS = [row for cluster in CLUSTERS for network in NETWORKS for row in rows_of(network, cluster)]

# Hadidi et al., LCP: milliseconds by TensorFlow, by cluster. Within one by network, form,
# branches and fattening; those of t2.micro are read off a plot.
PAPER_MS = {
    "rpi3-wifi": {
        ("alexnet", "original", 1, 0): 2801, ("alexnet", "widths", 4, 0): 640, ("alexnet", "widths", 8, 0): 420,
        ("alexnet", "lcp", 4, 0): 170, ("alexnet", "lcp", 8, 0): 115, ("alexnet", "lcp", 8, 40): 146,
        ("vgg16", "original", 1, 0): 9381, ("vgg16", "widths", 4, 0): 13300, ("vgg16", "widths", 8, 0): 2778,
        ("vgg16", "lcp", 4, 0): 887, ("vgg16", "lcp", 8, 0): 399, ("vgg16", "lcp", 8, 40): 753,
        ("resnet50", "original", 1, 0): 2460, ("resnet50", "lcp", 4, 0): 1406, ("resnet50", "lcp", 8, 0): 1060,
        ("resnet50", "lcp", 8, 40): 1180,
    },
    "t2.micro": {
        ("alexnet", "original", 1, 0): 107, ("alexnet", "lcp", 4, 0): 25, ("alexnet", "lcp", 8, 0): 25,
        ("vgg16", "original", 1, 0): 673, ("vgg16", "lcp", 4, 0): 79, ("vgg16", "lcp", 8, 0): 32,
        ("resnet50", "original", 1, 0): 207, ("resnet50", "lcp", 4, 0): 57, ("resnet50", "lcp", 8, 0): 63,
    },
}
# The same paper: top-1 percent on ImageNet, after training. MobileNet's smaller widths: Howard et al.
PAPER_TOP1 = {
    ("alexnet", 1, 0): 57.02, ("alexnet", 8, 0): 49.03, ("alexnet", 8, 40): 54.68,
    ("resnet18", 1, 0): 70.68, ("resnet18", 4, 0): 68.07, ("resnet18", 8, 0): 66.76,
    ("vgg16", 1, 0): 70.48, ("vgg16", 8, 0): 58.67, ("vgg16", 8, 40): 67.24,
    ("resnet50", 1, 0): 75.4, ("resnet50", 8, 0): 61.79, ("resnet50", 8, 40): 72.12,
    ("mobilenet", 1, 0): 71.7, ("mobilenet", 8, 0): 59.68, ("mobilenet", 8, 40): 68.05,
    ("mobilenet075", 1, 0): 68.4, ("mobilenet050", 1, 0): 63.7,
}


def published(row: Row) -> tuple[float | None, float | None]:
    """Milliseconds and top-1 percent. Exact forms answer as the original does."""
    ms = PAPER_MS.get(row.cluster, {}).get((row.network, row.form, row.branches, row.fatten))
    if row.form in ("original", "data", "pipeline", "widths", "pairs"):
        return ms, PAPER_TOP1.get((row.network, 1, 0))
    return ms, PAPER_TOP1.get((row.network, row.branches, row.fatten)) if row.form in ("lcp", "all") else None
