"""Every activation function that the dialect declares, from ONNX through each step
of the compiler against ONNX Runtime: what adding one must give without being
told."""

import unittest
from pathlib import Path

import numpy as np
import onnx
from onnx import helper

from lcp import Case, random_image, referee
from declared_ops import Op, activations

SHAPE = (1, 5, 6, 7)


def settings(op: Op) -> list[dict[str, float]]:
    """Attributes as by default, and otherwise."""
    others = {name: default + 0.25 for name, default in op.floats}
    return [{}, others] if others else [{}]


def write(op: Op, attributes: dict[str, float], path: Path) -> Path:
    """A model of one node of opset 17."""
    values = [helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, SHAPE) for name in "xy"]
    graph = helper.make_graph([helper.make_node(op.onnx, ["x"], ["y"], **attributes)], op.mnemonic, *([v] for v in values))
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), str(path))
    return path


class ActivationCase(Case):
    def check_reference(self, model: Path, image: np.ndarray, tool: str = "lcp-reference") -> None:
        np.save(self.folder / "x.npy", image)
        result = self.folder / "y.npy"
        self.succeed(tool, model, f"--input={self.folder / 'x.npy'}", f"--output={result}")
        self.assert_close(referee(model, image), np.load(result), 1e-5)


class Activations(ActivationCase):
    def check(self, op: Op, attributes: dict[str, float]) -> None:
        model = write(op, attributes, self.folder / f"{op.mnemonic}{len(attributes)}.onnx")
        image = 3 * random_image(SHAPE)
        self.check_reference(model, image)
        module = self.imported(model)
        self.assertIn(f"lcp.{op.mnemonic} ", self.succeed("lcp-opt", module).stdout)
        self.assert_close(referee(model, image), referee(self.exported(module), image), 0)
        self.assert_close(referee(model, image), self.run_bundle(self.compile(module), image))

    def test_each(self) -> None:
        for op in activations():
            for attributes in settings(op):
                with self.subTest(op.mnemonic, **attributes):
                    self.check(op, attributes)

    def test_they_are_found(self) -> None:
        self.assertLessEqual({"relu", "leaky_relu", "hard_swish"}, {op.mnemonic for op in activations()})


if __name__ == "__main__":
    unittest.main()
