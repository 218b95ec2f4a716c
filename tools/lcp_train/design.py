"""The method's design loop: divide, train, test, and widen the branches until the
loss of accuracy is within a bound. Every finished row is a file in the loop's
folder, so that an interrupted loop goes on where it was."""

import fcntl
import hashlib
import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import torch

from .compiler import Compiler, Cost
from .data import Data
from .errors import Problem
from .module import OnnxModule, load, save, write_whole
from .recipe import Pixels, Recipe
from .training import Trainer, accuracy

STATE = "design.json"


@dataclass(frozen=True)
class Request:
    """What a loop is asked for."""

    model: Path
    factor: int
    # Further options of lcp-split.
    split: str
    # In percentage points of accuracy.
    bound: float
    # In percent of the width.
    step: int
    max_fatten: int
    recipe: Recipe
    distill: bool
    image: str


@dataclass(frozen=True)
class Row:
    """One network: accuracies in percent of the test set, and what it costs."""

    name: str
    # original, split or narrow.
    kind: str
    before: float | None
    after: float
    cost: Cost


@dataclass
class Outcome:
    """A loop's result: the original, then each split that was tried, then the narrow network."""

    rows: list[Row]
    # Of the splits, the first within the bound, or nothing.
    met: Row | None = None
    # Why no wider split was tried, and why there is no narrow network.
    stopped: str = ""
    no_narrow: str = ""

    @property
    def original(self) -> Row:
        return self.rows[0]

    @property
    def split(self) -> Row:
        """The split that counts: the last one, whether or not it is within the bound."""
        return [row for row in self.rows if row.kind == "split"][-1]

    def loss(self, row: Row) -> float:
        """In percentage points."""
        return round(self.original.after - row.after, 2)


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """The folder to oneself; the lock goes with the process, however that ends."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "lock").open("w")
    except OSError as error:
        raise Problem(f"{folder}: {error.strerror}") from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Problem(f"{folder}: another run is at work in it") from None
        yield


def hash_of(found: Data) -> str:
    digest = hashlib.sha256()
    for tensor in (*found.train, *found.test):
        digest.update(tensor.numpy().tobytes())
    return digest.hexdigest()


class Loop:
    """Runs in `folder`, on `place`; `show` gets each row when it is known."""

    def __init__(self, request: Request, folder: Path, compiler: Compiler, place: torch.device,
                 show: Callable[[Outcome, Row], None]) -> None:
        self.request, self.folder, self.compiler, self.place, self.show = request, folder, compiler, place, show

    def run(self, original: Path, found: Data, pixels: Pixels) -> Outcome:
        """`original`: as the compiler exports the model."""
        self.original, self.found, self.pixels = original, found, pixels
        self.check_state()
        outcome = Outcome([])
        self.add(outcome, self.remembered("original", original) or self.remember(
            "original", "original", None, load(original).to(self.place), original))
        self.widen(outcome)
        self.compare_narrow(outcome)
        return outcome

    def add(self, outcome: Outcome, row: Row) -> None:
        outcome.rows.append(row)
        self.show(outcome, row)

    def widen(self, outcome: Outcome) -> None:
        """Adds splits until one is within the bound, or none can be."""
        request = self.request
        for fatten in range(0, request.max_fatten + 1, request.step):
            name = split_name(request.factor, fatten)
            row = self.remembered(name)
            if not row:
                try:
                    made = self.made(split_option(request, fatten))
                except Problem as problem:
                    if not fatten:
                        raise
                    outcome.stopped = str(problem)
                    return
                row = self.trained(name, "split", made, request.recipe)
            self.add(outcome, row)
            if outcome.loss(row) <= request.bound:
                outcome.met = row
                return
        outcome.stopped = f"{request.max_fatten} percent is the most that was asked for"

    def compare_narrow(self, outcome: Outcome) -> None:
        """Adds the plain network with the multiply-accumulates of the split that counts."""
        like = outcome.split
        if like.cost.macs > outcome.original.cost.macs:
            outcome.no_narrow = f"{like.name} has more MACs than the original"
            return
        name = f"narrow-{like.name}"
        row = self.remembered(name)
        if not row:
            try:
                made = self.made(f"--lcp-narrow-widths=macs={like.cost.macs}{classifier_option(self.request)}")
            except Problem as problem:
                outcome.no_narrow = str(problem)
                return
            row = self.trained(name, "narrow", made, replace(self.request.recipe, branch_dropout=0.0))
        self.add(outcome, row)

    def made(self, option: str) -> OnnxModule:
        """Of the original, by one option of lcp-opt."""
        with tempfile.TemporaryDirectory(prefix="lcp-train-") as work:
            path = Path(work) / "made.onnx"
            self.compiler.through(self.original, path, option)
            return load(path).to(self.place)

    def trained(self, name: str, kind: str, module: OnnxModule, recipe: Recipe) -> Row:
        before = None if recipe.scratch else self.test(module)
        teacher = load(self.original).to(self.place) if self.request.distill else None
        print(f"{name}: training", file=sys.stderr, flush=True)
        trainer = Trainer(module, self.found.train, recipe, self.pixels, teacher)
        checkpoint, path = self.folder / f"{name}.checkpoint", self.folder / f"{name}.onnx"
        trainer.fit(checkpoint, log=sys.stderr)
        save(module, path)
        row = self.remember(name, kind, before, module, path)
        checkpoint.unlink(missing_ok=True)
        return row

    def test(self, module: OnnxModule) -> float:
        return round(accuracy(module, self.found.test, self.pixels), 2)

    def remembered(self, name: str, path: Path | None = None) -> Row | None:
        """A row of an earlier run, if it was finished; what it costs is asked of the compiler again."""
        stored = self.folder / f"{name}.json"
        if not stored.exists():
            return None
        try:
            facts = json.loads(stored.read_text())
            kind, before, after = facts["kind"], facts["before"], facts["after"]
        except (OSError, ValueError, TypeError, KeyError):
            raise Problem(f"{stored}: is not a whole row; delete it to have it made again") from None
        return Row(name, kind, before, after, self.compiler.cost(path or self.folder / f"{name}.onnx"))

    def remember(self, name: str, kind: str, before: float | None, module: OnnxModule, path: Path) -> Row:
        row = Row(name, kind, before, self.test(module), self.compiler.cost(path))
        write_json(self.folder / f"{name}.json", {"kind": kind, "before": before, "after": row.after})
        return row

    def check_state(self) -> None:
        """What trained networks depend on; bound, step, maximum and device may change from run to run."""
        request, path = self.request, self.folder / STATE
        mine = {"model": hashlib.sha256(self.original.read_bytes()).hexdigest(), "data": hash_of(self.found),
                "factor": request.factor, "split": request.split, "image": request.image,
                "distill": request.distill, "recipe": asdict(request.recipe)}
        if not path.exists():
            return write_json(path, mine)
        try:
            stored = json.loads(path.read_text())
            different = [key for key in mine if mine[key] != stored.get(key)]
        except (OSError, ValueError, AttributeError):
            raise Problem(f"{path}: is not a whole file; use another --output, or delete the folder") from None
        if different:
            raise Problem(f"{self.folder}: holds another design ({', '.join(different)}); use another --output, or delete it")


def split_name(factor: int, fatten: int) -> str:
    return f"split{factor}" + (f"-f{fatten}" if fatten else "")


def split_option(request: Request, fatten: int) -> str:
    return f"--lcp-split=factor={request.factor} fatten={fatten} {request.split}".rstrip()


def classifier_option(request: Request) -> str:
    """The one of lcp-split's that narrowing shares."""
    return "".join(f" {word}" for word in request.split.split() if word.startswith("classifier="))


def write_json(path: Path, value: object) -> None:
    write_whole(path, (json.dumps(value, indent=1) + "\n").encode())
