"""What a stream of inferences was answered with, as stream_client.py writes it down."""

import json
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import numpy as np

# Later after its deadline than that is late.
SLACK = 0.02
# The codes of errors that a client may be told.
ERRORS = {"UNAVAILABLE", "DEADLINE_EXCEEDED", "RESOURCE_EXHAUSTED", "INTERNAL"}


class Answer(NamedTuple):
    """`begun` and `ended` by the monotonic clock; `beyond`: how long after its deadline, but for
    what the machine had no time. `verdict`: "full", "without 1", a gRPC code, "WRONG" or "HUNG"."""

    begun: float
    ended: float
    beyond: float
    verdict: str
    words: str


class Answers:
    def __init__(self, file: Path) -> None:
        self.all = sorted(Answer(*json.loads(line)) for line in file.read_text().splitlines())
        self.verdicts = Counter(answer.verdict for answer in self.all)

    @property
    def full(self) -> int:
        return self.verdicts["full"]

    @property
    def degraded(self) -> int:
        return sum(count for verdict, count in self.verdicts.items() if verdict.startswith("without"))

    @property
    def errors(self) -> dict[str, int]:
        return {verdict: count for verdict, count in self.verdicts.items() if verdict in ERRORS}

    @property
    def late(self) -> list[Answer]:
        return [answer for answer in self.all if answer.beyond > SLACK]

    @property
    def bad(self) -> list[Answer]:
        """Wrong, hung or without a type."""
        return [answer for answer in self.all if answer.verdict.isupper() and answer.verdict not in ERRORS]

    def first(self, verdict: str, since: float) -> Answer:
        """That came after that time."""
        return min((a for a in self.all if a.verdict == verdict and a.ended > since), key=lambda a: a.ended)

    def examples(self) -> str:
        """Of what errors said, a line each."""
        words = {answer.verdict: answer.words for answer in self.all if answer.verdict in ERRORS}
        return "".join(f"  {code}: {said}\n" for code, said in sorted(words.items()))

    def summary(self) -> str:
        p50, p99 = np.percentile([answer.ended - answer.begun for answer in self.all], (50, 99)) * 1e3
        return (f"{len(self.all)} inferences: {self.full} full, {self.degraded} degraded, {sum(self.errors.values())} errors "
                f"{self.errors}, {len(self.late)} late, {self.verdicts['HUNG']} hung, {self.verdicts['WRONG']} wrong; "
                f"p50 {p50:.1f} ms, p99 {p99:.1f} ms, the latest {max(a.beyond for a in self.all) * 1e3:+.1f} ms "
                f"from its deadline")
