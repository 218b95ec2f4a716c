"""How far the training is: a bar on a terminal, a line an epoch anywhere."""

import sys

try:
    from tqdm import tqdm
except ImportError:
    tqdm = None

WIDTH = 30


class Progress:
    """Lines go to standard output; the bar to standard error, and only on a terminal."""

    def __init__(self, steps: int, quiet: bool) -> None:
        self.steps, self.taken, self.quiet = steps, 0, quiet
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
            self.bar.write(line, file=sys.stdout)
        else:
            print(line, flush=True)
