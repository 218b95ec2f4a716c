"""A search that is no part of the compiler: it changes a plan that was printed,
gives it back by plan=FILE, and keeps what answers better and fits. Which layers
must be divided alike it learns from what is refused (docs/rationale/plan.md)."""

import json
import random
import re
import unittest
from pathlib import Path

import numpy as np

from lcp import MODELS, Case, build, referee, tool

LAYER = re.compile(r'^  "([^"]+)" \[(.+)\]', re.M)
RANGE = re.compile(r"(\d+):(\d+)")
ALIKE = re.compile(r"the plan divides '(.+)' \(.+?\) otherwise than '(.+)', whose channels meet its own")

Division = list[list[int]]  # a layer's channels, by branch


class Plan:
    """The text of a plan, and the divisions that it gives to layers."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.divisions: dict[str, Division] = {
            name: [[channel for begin, end in RANGE.findall(part) for channel in range(int(begin), int(end))]
                   for part in parts.split(", ")] for name, parts in LAYER.findall(text)}

    def changed(self, layers: set[str], division: Division) -> "Plan":
        parts = ", ".join(" + ".join(f"{c}:{c + 1}" for c in channels) for channels in division)
        return Plan(LAYER.sub(lambda m: f'  "{m[1]}" [{parts}]' if m[1] in layers else m[0], self.text))


class Search:
    """Hill climbing over the plans of one network; the better correlates more with
    the undivided network's answers, and no device needs more than `limit` bytes."""

    def __init__(self, model: Path, module: Path, folder: Path, images: np.ndarray, limit: int) -> None:
        self.module, self.folder, self.images, self.limit = module, folder, images, limit
        self.answers = [referee(model, image[None]).ravel() for image in images]
        self.alike: dict[str, set[str]] = {}
        self.random = random.Random(1)

    def start(self, factor: int) -> Plan:
        return Plan(tool("lcp-opt", f"--lcp-plan-split={factor}", "--lcp-print-plan", self.module,
                         "-o", "/dev/null").stdout)

    def carry_out(self, plan: Plan) -> tuple[int, str]:
        """Bytes that the busiest device needs of the network so divided, which is
        then in split.mlirbc; and why it was refused, if it was."""
        file = self.folder / "plan.txt"
        file.write_text(plan.text)
        done = tool("lcp-opt", f"--lcp-split=plan={file}", "--lcp-print-footprint=json=true", self.module,
                    "-o", self.folder / "split.mlirbc")
        if done.returncode:
            return 0, done.stderr
        return max(device["memory_bytes"] for device in json.loads(done.stdout)["devices"]), ""

    def score(self) -> float:
        """Of split.mlirbc: the correlation of its answers, mean over images."""
        split = self.folder / "split.onnx"
        tool("lcp-translate", "--export-onnx", self.folder / "split.mlirbc", "-o", split)
        return float(np.mean([np.corrcoef(referee(split, image[None]).ravel(), answer)[0, 1]
                              for image, answer in zip(self.images, self.answers)]))

    def divide(self, plan: Plan, layer: str, division: Division) -> Plan | None:
        """The plan with another division of a layer and of those that a refusal
        says must be divided alike; nothing where it cannot be, or does not fit."""
        while True:
            group = self.alike.get(layer, {layer})
            tried = plan.changed(group, division)
            need, refused = self.carry_out(tried)
            pair = ALIKE.search(refused)
            if not pair:
                return tried if not refused and need <= self.limit else None
            joined = set().union(*(self.alike.get(name, {name}) for name in pair.groups()))
            if joined <= group:
                return None
            self.alike.update(dict.fromkeys(joined, joined))

    def neighbour(self, division: Division) -> Division:
        """Some pairs of channels exchanged between branches, or one handed over."""
        parts = [list(channels) for channels in division]
        a, b = self.random.sample(range(len(parts)), 2)
        for part in (parts[a], parts[b]):
            self.random.shuffle(part)
        if self.random.random() < 0.2 and len(parts[a]) > 1:
            parts[b].append(parts[a].pop())
        else:
            count = max(1, min(len(parts[a]), len(parts[b])) // 8)
            parts[a][:count], parts[b][:count] = parts[b][:count], parts[a][:count]
        return [sorted(channels) for channels in parts]

    def climb(self, plan: Plan, steps: int) -> tuple[Plan, float]:
        self.carry_out(plan)
        best = self.score()
        for step in range(steps):
            layer = list(plan.divisions)[step % len(plan.divisions)]
            tried = self.divide(plan, layer, self.neighbour(plan.divisions[layer]))
            if tried and (reached := self.score()) > best:
                plan, best = tried, reached
        return plan, best


class OutsideSearch(Case):
    def search(self, model: Path, images: np.ndarray, factor: int, room: float) -> tuple[Search, Plan]:
        """`room`: of memory, in relation to what the plan to start from needs."""
        search = Search(model, self.imported(model), self.folder, images, 0)
        plan = search.start(factor)
        search.limit = int(room * search.carry_out(plan)[0])
        return search, plan

    def test_it_finds_a_plan_that_answers_better_and_fits(self) -> None:
        digits = np.load(MODELS / "digits-images.npy").astype(np.float32) / 255
        search, contiguous = self.search(MODELS / "lenet-digits.onnx", digits[:20], 2, 1.05)
        search.carry_out(contiguous)
        before = search.score()
        plan, after = search.climb(contiguous, 24)
        self.assertGreater(after, before + 0.05)
        need, refused = search.carry_out(plan)
        self.assertEqual("", refused)
        self.assertLessEqual(need, search.limit)
        self.assertEqual(after, search.score())
        made = self.succeed("lcp-opt", "--lcp-print-plan", self.folder / "split.mlirbc", "-o", "/dev/null").stdout
        self.assertEqual(plan.divisions, Plan(made).divisions)

    def test_it_learns_from_refusals_what_must_be_divided_alike(self) -> None:
        model = self.folder / "resnet18.onnx"
        shape = build.make_narrow("resnet18", model)
        search, plan = self.search(model, np.zeros((0, *shape[1:]), np.float32), 2, 1.0)
        layer = next(iter(plan.divisions))
        first, second = plan.divisions[layer]
        division = [second, first]
        changed = search.divide(plan, layer, division)
        self.assertIsNotNone(changed)
        group = search.alike[layer]
        self.assertGreater(len(group), 1)
        self.assertEqual(group, {name for name in plan.divisions if changed.divisions[name] == division
                                 and plan.divisions[name] != division})


if __name__ == "__main__":
    unittest.main()
