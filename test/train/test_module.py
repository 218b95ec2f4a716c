"""load and save: the graph as a module agrees with ONNX Runtime, and stays the same graph."""

import copy
import os
import subprocess
import unittest
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

from case import ROOT, Case, build, graph

from lcp_train import Problem, load, save
from lcp_train.lrn import local_response_norm
from lcp_train.module import write_whole

TOLERANCE = 1e-4


def random_image(shape: tuple[int, ...], seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


class Answers(Case):
    """Against ONNX Runtime, which the project's virtual environment has."""

    def referee(self, pairs: list[tuple[Path, np.ndarray]]) -> list[np.ndarray]:
        arguments, outs = [], []
        for index, (model, image) in enumerate(pairs):
            np.save(self.folder / f"in{index}.npy", image)
            outs.append(self.folder / f"out{index}.npy")
            arguments += [model, self.folder / f"in{index}.npy", outs[-1]]
        subprocess.run([ROOT / ".venv/bin/python", ROOT / "test/train/answers.py", *arguments], check=True,
                       env={k: v for k, v in os.environ.items() if k != "PYTHONPATH"})
        return [np.load(out) for out in outs]

    def check(self, pairs: list[tuple[Path, np.ndarray]]) -> None:
        """Alone, and as part of a batch that the file knows nothing of."""
        for (model, image), expected in zip(pairs, self.referee(pairs)):
            with self.subTest(model=model.name):
                batch = torch.from_numpy(np.concatenate([image, 2 * image, image]))
                with torch.no_grad():
                    answer = load(model).eval()(batch).numpy()
                scale = np.abs(expected).max()
                self.assertLessEqual(np.abs(answer[:1] - expected).max() / scale, TOLERANCE)
                self.assertLessEqual(np.abs(answer[2:] - expected).max() / scale, TOLERANCE)

    def test_every_network_whole_and_split(self) -> None:
        pairs = []
        for name in build.NETWORKS:
            model = self.folder / f"{name}.onnx"
            image = random_image(build.make_narrow(name, model))
            pairs += [(self.exported(model), image), (self.exported(model, "factor=4"), image)]
        self.check(pairs)

    def test_windows_that_no_network_has(self) -> None:
        cases = {
            "asymmetric_conv": ("Conv", {"pads": [0, 1, 2, 3], "kernel_shape": [3, 3], "strides": [2, 1]}),
            "asymmetric_max": ("MaxPool", {"pads": [0, 1, 2, 0], "kernel_shape": [3, 3], "strides": [2, 2]}),
            "asymmetric_mean": ("AveragePool", {"pads": [0, 1, 2, 1], "kernel_shape": [3, 3], "strides": [2, 2]}),
            "padding_counted": ("AveragePool", {"pads": [1, 1, 0, 2], "kernel_shape": [3, 3], "count_include_pad": 1}),
        }
        pairs = []
        for name, (op, attributes) in cases.items():
            g = graph.Graph(3)
            weights = [g.constant("w", g.random.normal(size=(8, 8, 3, 3)))] if op == "Conv" else []
            g.node(op, "x", ["image", *weights], **attributes)
            g.node("Flatten", "f", ["x"], axis=1)
            proto = g.model(name, (1, 8, 9, 9), 1)
            del proto.graph.output[0].type.tensor_type.shape.dim[:]
            proto.graph.node[-1].output[0] = "logits"
            onnx.save(proto, str(self.folder / f"{name}.onnx"))
            pairs.append((self.folder / f"{name}.onnx", random_image((1, 8, 9, 9))))
        self.check(pairs)


class SavedGraph(Case):
    def split_lenet(self) -> Path:
        model = self.folder / "lenet.onnx"
        build.make_narrow("lenet", model)
        return self.exported(model, "factor=4")

    def test_only_values_and_the_mark_change(self) -> None:
        path, out = self.split_lenet(), self.folder / "out.onnx"
        module = load(path)
        with torch.no_grad():
            for parameter in module.parameters():
                parameter.add_(1)
        save(module, out)
        before, after = onnx.load(str(path)), onnx.load(str(out))
        changed = {p.key for p in after.metadata_props} - {p.key for p in before.metadata_props}
        self.assertEqual(set(), changed)
        self.assertIn(("lcp.trained_after_split", "true"), [(p.key, p.value) for p in after.metadata_props])
        for old, new in zip(before.graph.initializer, after.graph.initializer):
            difference = numpy_helper.to_array(new).astype(float) - numpy_helper.to_array(old)
            self.assertTrue(np.allclose(difference, 1 if old.data_type == TensorProto.FLOAT else 0, atol=1e-5), old.name)
            new.CopyFrom(old)
        del before.metadata_props[:], after.metadata_props[:]
        self.assertEqual(before, after)

    def test_branches_survive_a_round_trip(self) -> None:
        out, module = self.folder / "out.onnx", self.folder / "out.mlirbc"
        save(load(self.split_lenet()), out)
        self.run_tool("lcp-translate", "--import-onnx", out, "-o", module)
        text = self.run_tool("lcp-opt", module, "--mlir-elide-resource-strings-if-larger=16")
        self.assertEqual(1, text.count("lcp.parallel"))
        self.assertEqual(4, text.count("lcp.yield"))
        self.assertIn("lcp.trained_after_split = true", text)

    def test_parameters_have_the_names_of_the_initialisers(self) -> None:
        path = self.split_lenet()
        names = {i.name for i in onnx.load(str(path)).graph.initializer if i.data_type == TensorProto.FLOAT}
        module = load(path)
        self.assertEqual(names, set(module.state_dict()))
        self.assertEqual(names, {name for name, _ in module.named_parameters()})
        again = load(path)
        with torch.no_grad():
            next(module.parameters()).add_(1)
        again.load_state_dict(module.state_dict())
        x = torch.from_numpy(random_image((2, 1, 28, 28)))
        self.assertTrue(torch.equal(module.eval()(x), copy.deepcopy(again).eval()(x)))

    def test_names_that_pytorch_cannot_have(self) -> None:
        """One that is the beginning of another, one of an attribute, an empty part."""
        g = graph.Graph(3)
        x = "image"
        for index, name in enumerate(("a", "a.b", "train", ".c..d", "forward.x")):
            x = g.node("Gemm", f"n{index}" if name != "forward.x" else "logits",
                       [x, g.constant(name, np.eye(4) * (index + 2))], transB=1)
        g.save(self.folder / "names.onnx", "names", (1, 4), 4)
        module = load(self.folder / "names.onnx")
        self.assertEqual(5, len(module.state_dict()))
        self.assertTrue(torch.equal(module(torch.ones(1, 4)), torch.full((1, 4), 720.0)))
        save(module, self.folder / "out.onnx")
        self.assertEqual(onnx.load(str(self.folder / "names.onnx")), onnx.load(str(self.folder / "out.onnx")))

    def test_a_failed_save_leaves_nothing(self) -> None:
        module = load(self.split_lenet())
        before = sorted(p.name for p in self.folder.iterdir())
        with self.assertRaisesRegex(Problem, "none/out.onnx: No such file"):
            save(module, self.folder / "none/out.onnx")
        self.assertEqual(before, sorted(p.name for p in self.folder.iterdir()))

    def test_what_stands_at_the_output_stays_what_it_is(self) -> None:
        link, pipe = self.folder / "link", self.folder / "pipe"
        link.symlink_to("linked")
        write_whole(link, b"content")
        self.assertTrue(link.is_symlink())
        self.assertEqual(b"content", (self.folder / "linked").read_bytes())
        os.mkfifo(pipe)
        with os.fdopen(os.open(pipe, os.O_RDONLY | os.O_NONBLOCK), "rb") as reader:
            write_whole(pipe, b"content")
            self.assertEqual(b"content", reader.read())
        self.assertTrue(pipe.is_fifo())


class Modes(Case):
    def test_dropout_drops_only_while_training(self) -> None:
        model = self.folder / "cifarnet.onnx"
        shape = build.make_narrow("cifarnet", model)
        module, x = load(self.exported(model)), torch.from_numpy(random_image(shape))
        self.assertTrue(torch.equal(module.eval()(x), module(x)))
        self.assertFalse(torch.equal(module.train()(x), module(x)))
        module.dropout_ratio = 0.0
        self.assertTrue(torch.equal(module(x), module(x)))

    def test_batch_norm_keeps_statistics_only_while_training(self) -> None:
        model = self.folder / "resnet18.onnx"
        shape = build.make_narrow("resnet18", model)
        module = load(self.exported(model))
        x = torch.from_numpy(random_image((4, *shape[1:])))
        mean = module.initializer_value("conv1_bn.running_mean").clone()
        self.assertNotIn("conv1_bn.running_mean", dict(module.named_parameters()))
        module.eval()(x)
        self.assertTrue(torch.equal(mean, module.initializer_value("conv1_bn.running_mean")))
        module.train()(x)
        self.assertFalse(torch.equal(mean, module.initializer_value("conv1_bn.running_mean")))
        save(module, self.folder / "out.onnx")
        again = load(self.folder / "out.onnx")
        self.assertTrue(torch.equal(module.initializer_value("conv1_bn.running_mean"), again.initializer_value("conv1_bn.running_mean")))

    def test_lrn_and_its_gradient(self) -> None:
        """Also of an even size, which ONNX Runtime does not run."""
        x = torch.from_numpy(np.random.default_rng(1).normal(size=(2, 7, 3, 2))).requires_grad_()
        for size in (3, 4):
            answer = local_response_norm(x, size, 0.7, 0.75, 1.5)
            for c in range(7):
                heard = x[:, max(0, c - (size - 1) // 2):c + size // 2 + 1].square().sum(1)
                self.assertTrue(torch.allclose(x[:, c] / (1.5 + 0.7 / size * heard) ** 0.75, answer[:, c]))
            self.assertTrue(torch.autograd.gradcheck(lambda v: local_response_norm(v, size, 0.7, 0.75, 1.5), (x,)))

    def test_branch_dropout_leaves_whole_branches_out(self) -> None:
        model = self.folder / "lenet.onnx"
        build.make_narrow("lenet", model)
        module = load(self.exported(model, "factor=4 merge=sum-logits"))
        x = torch.from_numpy(random_image((64, 1, 28, 28)))
        with torch.no_grad():
            whole = module.eval()(x)
            alone = [module(x, tuple(set(range(4)) - {b})) for b in range(4)]
            bias = sum(alone) - whole
            parts = torch.stack([a - bias / 3 for a in alone])
            module.branch_dropout = 0.5
            self.assertTrue(torch.equal(whole, module(x)), "it acts in evaluation")
            torch.manual_seed(1)
            dropped = module.train()(x) - bias / 3
        # Each answer is the sum of some of the four parts, never of none.
        masks = torch.tensor([[m >> b & 1 for b in range(4)] for m in range(1, 16)], dtype=torch.float32)
        sums = torch.einsum("mb,bnk->mnk", masks, parts)
        distance = (sums - dropped).abs().amax(2)
        self.assertLess(float(distance.min(0).values.max()), 1e-4)
        self.assertGreater(len(distance.argmin(0).unique()), 8)


class Refused(Case):
    def refuse(self, path: Path, *said: str) -> None:
        with self.assertRaises(Problem) as caught:
            load(path)
        text = str(caught.exception)
        self.assertNotIn("\n", text)
        for part in (path.name, *said):
            self.assertIn(part, text)

    def test_every_unknown_node_is_named_at_once(self) -> None:
        nodes = [helper.make_node("Einsum", ["image"], ["a"], name="first", equation="ij->ij"),
                 helper.make_node("Relu", ["a"], ["b"], name="fine"),
                 helper.make_node("MaxPool", ["b"], ["c"], name="third", kernel_shape=[2, 2], auto_pad="SAME_UPPER"),
                 helper.make_node("Det", ["c"], ["logits"])]
        value = helper.make_tensor_value_info
        proto = helper.make_model(helper.make_graph(
            nodes, "odd", [value("image", TensorProto.FLOAT, [1, 4])], [value("logits", TensorProto.FLOAT, [1, 4])]),
            opset_imports=[helper.make_opsetid("", 17)])
        onnx.save(proto, str(self.folder / "odd.onnx"))
        self.refuse(self.folder / "odd.onnx", "first (Einsum", "third (MaxPool: auto_pad)", "logits (Det")

    def test_files_that_are_none(self) -> None:
        self.refuse(self.folder / "none.onnx", "No such file")
        (self.folder / "text.onnx").write_text("no model at all")
        self.refuse(self.folder / "text.onnx", "not an ONNX file")
        (self.folder / "empty.onnx").write_bytes(b"")
        self.refuse(self.folder / "empty.onnx", "not an ONNX file")


if __name__ == "__main__":
    unittest.main()
