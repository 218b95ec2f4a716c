"""What export writes by name alone is an operator of the opset that exports name,
with the same attributes and defaults: so no op of the dialect is newer than that."""

import re
import sys
import unittest
from pathlib import Path

import onnx

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "test/tools"))
from declared_ops import declared  # noqa: E402

OPSET = int(re.search(r"kOpset = (\d+)", (ROOT / "lib/Export/ONNX/Export.cpp").read_text())[1])


def in_opset(operator: str) -> "onnx.defs.OpSchema | None":
    try:
        return onnx.defs.get_schema(operator, OPSET)
    except onnx.defs.SchemaError:
        return None


class ONNXNames(unittest.TestCase):
    def test_every_op_by_name_is_in_the_opset_of_exports(self) -> None:
        named = [op for op in declared() if op.onnx]
        self.assertGreater(len(named), 10)
        self.assertEqual([], [f"ONNX's opset {OPSET} has no {op.onnx}" for op in named if not in_opset(op.onnx)])

    def test_attributes_are_onnx_s(self) -> None:
        for op in declared():
            schema = in_opset(op.onnx) if op.onnx else None
            for name, value in op.floats if schema else ():
                with self.subTest(op=op.name, attribute=name):
                    self.assertIn(name, schema.attributes)
                    self.assertAlmostEqual(value, schema.attributes[name].default_value.f, delta=1e-6)

    def test_a_newer_operator_would_be_found(self) -> None:
        self.assertIsNone(in_opset("Mish"))
        self.assertIsNotNone(in_opset("Softplus"))


if __name__ == "__main__":
    unittest.main()
