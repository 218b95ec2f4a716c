"""The recipe, and the command built on it."""

import re
import subprocess
import sys
import unittest
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from case import ROOT, Case, build, write_idx

from lcp_train import Problem, data, load
from lcp_train.recipe import DEVIATION, Pixels, Recipe, parse_pixels, start_from_scratch
from lcp_train.training import Trainer, accuracy

SHORT = Recipe(epochs=3, batch=32, rate=3e-3, seed=7)


class Trained(Case):
    def setUp(self) -> None:
        super().setUp()
        self.model = self.folder / "lenet_fc.onnx"
        build.make_narrow("lenet_fc", self.model)
        self.split = self.exported(self.model, "factor=4")
        self.data = write_idx(self.folder / "data")

    def trainer(self, recipe: Recipe, model: Path | None = None, teacher: bool = False) -> Trainer:
        part = data.read(self.data, (1, 28, 28)).train
        return Trainer(load(model or self.split), part, recipe, Pixels(), load(self.model) if teacher else None)

    def fitted(self, recipe: Recipe, **given: object) -> dict[str, torch.Tensor]:
        trainer = self.trainer(recipe, **given)
        trainer.fit(quiet=True)
        return trainer.module.state_dict()

    def assert_same(self, a: dict[str, torch.Tensor], b: dict[str, torch.Tensor], same: bool = True) -> None:
        self.assertEqual(same, all(torch.equal(a[key], b[key]) for key in a))


class Loop(Trained):
    def test_it_learns(self) -> None:
        trainer = self.trainer(replace(SHORT, scratch=True, epochs=6))
        test = data.read(self.data, (1, 28, 28)).test
        before = accuracy(trainer.module, test, Pixels())
        trainer.fit(quiet=True)
        self.assertLess(before, 40)
        self.assertGreater(accuracy(trainer.module, test, Pixels()), 90)

    def test_a_seed_reproduces(self) -> None:
        once = self.fitted(SHORT)
        self.assert_same(once, self.fitted(SHORT))
        self.assert_same(once, self.fitted(replace(SHORT, seed=8)), same=False)

    def test_resumed_is_the_same_to_the_bit(self) -> None:
        """With everything on that draws random numbers, and stopped within an epoch."""
        model = self.folder / "cifarnet.onnx"
        build.make_narrow("cifarnet", model)
        random = np.random.default_rng(3)
        part = data.Part(torch.from_numpy(random.integers(0, 256, (64, 3, 32, 32)).astype(np.uint8)),
                         torch.from_numpy(random.integers(0, 10, 64)))
        split, checkpoint = self.exported(model, "factor=2"), self.folder / "c"
        recipe = replace(SHORT, augment=True, branch_dropout=0.3)

        def make() -> Trainer:
            return Trainer(load(split), part, recipe, Pixels(), load(self.exported(model)))

        whole = make()
        whole.fit(quiet=True)

        class Stop(Exception):
            pass

        stopped = make()
        step, taken = stopped.loss, []

        def loss(batch: torch.Tensor) -> torch.Tensor:
            taken.append(batch)
            if len(taken) == 4:
                raise Stop
            return step(batch)
        stopped.loss = loss
        with self.assertRaises(Stop):
            stopped.fit(checkpoint, quiet=True)
        resumed = make()
        resumed.fit(checkpoint, quiet=True)
        self.assertEqual(whole.losses, resumed.losses)
        self.assert_same(whole.module.state_dict(), resumed.module.state_dict())

    def test_a_checkpoint_of_something_else_is_refused(self) -> None:
        checkpoint = self.folder / "c"
        self.trainer(replace(SHORT, epochs=1)).fit(checkpoint, quiet=True)
        with self.assertRaisesRegex(Problem, r"is of another training \(epochs, seed\); delete it"):
            self.trainer(replace(SHORT, seed=3)).fit(checkpoint, quiet=True)
        with self.assertRaisesRegex(Problem, r"is of another training \(graph\)"):
            self.trainer(replace(SHORT, epochs=1), model=self.model).fit(checkpoint, quiet=True)
        for content in (checkpoint.read_bytes()[:200], b"rubbish\n"):
            checkpoint.write_bytes(content)
            with self.assertRaisesRegex(Problem, "is not a whole checkpoint"):
                self.trainer(replace(SHORT, epochs=1)).fit(checkpoint, quiet=True)

    def test_distillation_moves_towards_the_teacher(self) -> None:
        part = data.read(self.data, (1, 28, 28)).test
        with torch.no_grad():
            wanted = load(self.model).eval()(Pixels()(part.images)).softmax(1)

        def distance(state: dict[str, torch.Tensor]) -> float:
            module = load(self.split)
            module.load_state_dict(state)
            with torch.no_grad():
                return float((module.eval()(Pixels()(part.images)).softmax(1) - wanted).abs().mean())
        self.assertLess(distance(self.fitted(SHORT, teacher=True)), 0.5 * distance(self.fitted(SHORT)))

    def test_scratch_draws_what_the_recipe_says(self) -> None:
        module = load(self.split)
        start_from_scratch(module, 1)
        weights = torch.cat([p.detach().flatten() for p in module.parameters() if p.dim() > 1])
        self.assertAlmostEqual(DEVIATION, float(weights.std()), delta=2e-3)
        self.assertEqual(0, sum(float(p.detach().abs().sum()) for p in module.parameters() if p.dim() == 1))

    def test_the_rate_decays_by_steps(self) -> None:
        rates = [Recipe().rate_in(epoch) for epoch in range(5)]
        self.assertEqual([1e-2, 1e-2, 1e-2 * 0.94, 1e-2 * 0.94, 1e-2 * 0.94 ** 2], rates)

    def test_pixels_are_what_lcp_compile_makes_of_them(self) -> None:
        pixels = parse_pixels("mean=10,20,30,scale=2,order=bgr")
        image = torch.tensor([1, 2, 3], dtype=torch.uint8).reshape(1, 3, 1, 1)
        self.assertEqual([-14.0, -36.0, -58.0], pixels(image).flatten().tolist())
        for wrong in ("median=1", "scale=0", "mean=nan"):
            with self.assertRaisesRegex(Problem, f"cannot read '{wrong}'"):
                parse_pixels(wrong)


class Command(Trained):
    def test_retrain(self) -> None:
        out = self.folder / "out.onnx"
        done = self.command("retrain", self.split, "-o", out, f"--data={self.data}", "--epochs=2", "--lr=3e-3",
                            "--threads=1", f"--distill={self.model}", "--branch-dropout=0.2")
        self.assertEqual(0, done.returncode, done.stderr)
        for line in ("test accuracy before", "epoch 2/2: loss", "test accuracy after", "without branch 3"):
            self.assertIn(line, done.stdout)
        self.assertEqual("", done.stderr)
        self.assertFalse((self.folder / "out.onnx.checkpoint").exists())
        said = self.command("test", out, f"--data={self.data}", "--threads=1").stdout
        after = done.stdout.split("accuracy after ")[1].split()[0]
        self.assertIn(f"test accuracy is {after} %", said)

    def test_a_python_without_its_modules_is_one_line(self) -> None:
        """-S leaves out installed packages."""
        done = subprocess.run([sys.executable, "-S", ROOT / "tools/lcp_train/lcp-train", "test"],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True)
        self.assertEqual(1, done.returncode)
        self.assertRegex(done.stderr, r"^lcp-train: error: .* has no module '\w+'; .*python3-torch.*\n$")

    def test_every_option_is_on_a_page(self) -> None:
        pages = "".join((ROOT / "docs" / name).read_text() for name in ("howto/retrain.md", "design-loop.md"))
        for command in ("retrain", "test", "design"):
            options = set(re.findall(r"^  (--[\w-]+)", self.command(command, "--help").stdout, re.M))
            self.assertIn("--data", options)
            self.assertEqual([], [o for o in sorted(options) if not re.search(rf"{o}\b(?!-)", pages)], command)

    def test_mistakes_end_in_one_line(self) -> None:
        for arguments, said in (
                ((self.folder / "no.onnx", f"--data={self.data}"), "no.onnx: No such file"),
                ((self.split, "--data=/no"), "/no: there is no such file or folder"),
                ((self.split, f"--data={self.data}", "--epochs=0"), "--epochs: cannot be 0"),
                ((self.split, f"--data={self.data}", "--lr=inf"), "--lr: cannot be inf"),
                ((self.split, f"--data={self.data}", "--decay=nan"), "--decay: cannot be nan"),
                ((self.split, f"--data={self.data}", "--l2=-1"), "--l2: cannot be -1.0"),
                ((self.split, f"--data={self.data}", "--temperature=inf"), "--temperature: cannot be inf"),
                ((self.split, f"--data={self.data}", f"--seed={10 ** 20}"), "--seed: cannot be 1000"),
                ((self.split, f"--data={self.data}", "--threads=-1"), "--threads: cannot be -1"),
                ((self.split, f"--data={self.data}", "--threads=100000000"), "--threads: cannot be 100000000"),
                ((self.split, f"--data={self.data}", "--image=mean=1,2,scale=1"), "mean has 2 numbers, the network's input 1"),
                ((self.model, f"--data={self.data}", "--branch-dropout=0.5"), "needs a network with branches")):
            with self.subTest(said=said):
                done = self.command("retrain", *arguments, "-o", self.folder / "out.onnx")
                self.assertEqual(1, done.returncode)
                self.assertEqual(1, len(done.stderr.splitlines()), done.stderr)
                self.assertIn("lcp-train: error: ", done.stderr)
                self.assertIn(said, done.stderr)
                self.assertFalse((self.folder / "out.onnx").exists())

    def test_an_output_that_cannot_be_is_refused_before_training(self) -> None:
        for out in (self.folder, self.folder / "none/out.onnx", self.split / "out.onnx"):
            done = self.command("retrain", self.split, "-o", out, f"--data={self.data}", "--threads=1")
            self.assertEqual((1, ""), (done.returncode, done.stdout.partition("\n")[2]))
            self.assertRegex(done.stderr, r"^lcp-train: error: .*: cannot be written: .*\n$")


if __name__ == "__main__":
    unittest.main()
