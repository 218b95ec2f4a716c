"""How far the training is: a bar on a terminal, a line an epoch anywhere."""

import sys
from typing import TextIO

try:
    from tqdm import tqdm
except ImportError:
    tqdm = None

WIDTH = 30


class Progress:
    """Lines go to `log`, standard output by default; the bar to standard error, and only on a terminal."""

    def __init__(self, steps: int, quiet: bool, log: TextIO | None = None) -> None:
        self.steps, self.taken, self.quiet, self.log = steps, 0, quiet, log or sys.stdout
        shown = not quiet and sys.stderr.isatty()
        self.bar = tqdm(total=steps, leave=False, unit="step") if shown and tqdm else None
        self.plain = shown and not tqdm

    def __enter__(self) -> "Progress":
        return self

    def __exit__(self, *_: object) -> None:
        self.clear()
        if self.bar is not None:
            self.bar.close()

    def step(self) -> None:
        self.taken += 1
        if self.bar is not None:
            self.bar.update()
        elif self.plain:
            done = WIDTH * self.taken // self.steps
            sys.stderr.write(f"\r[{'#' * done}{'.' * (WIDTH - done)}] {self.taken}/{self.steps}")
            sys.stderr.flush()

    def clear(self) -> None:
        if self.plain:
            sys.stderr.write("\r" + " " * (WIDTH + 20) + "\r")
            sys.stderr.flush()

    def say(self, line: str) -> None:
        """At the end of an epoch."""
        self.taken = 0
        if self.quiet:
            return
        self.clear()
        if self.bar is not None:
            self.bar.reset()
            self.bar.write(line, file=self.log)
        else:
            print(line, file=self.log, flush=True)
