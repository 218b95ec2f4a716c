"""docs/howto/add-an-op.md lists the files that an op is in, and no other."""

import re
import sys
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "test/tools"))
from declared_ops import Op, activations, pools  # noqa: E402

PAGE = ROOT / "docs/howto/add-an-op.md"
# Without other targets: what they lack they refuse.
CODE = ("include", "lib", "runtime", "targets/cpu", "tools")
EXPORT = ROOT / "lib/Export/ONNX/WriteOps.cpp"


def listed(section: str) -> set[str]:
    """The files in the table of a section of the page."""
    text = PAGE.read_text().split(f"\n## {section}\n")[1].split("\n## ")[0]
    return set(re.findall(r"^\| `([^`]+)` \|", text, re.M))


def optional(section: str) -> set[str]:
    """Those of them that only some ops need: what is written there begins with "if"."""
    return {path for path in listed(section) if f"| `{path}` | if " in PAGE.read_text()}


def sources() -> dict[str, str]:
    """The code, and what tests name every op by hand; without generated files."""
    code = {p for top in CODE for p in (ROOT / top).rglob("*") if p.suffix in (".h", ".cpp", ".td", ".py")
            and "test" not in p.relative_to(ROOT).parts}
    tests = {*(ROOT / "test/Dialect/LCP").glob("ops.mlir"), *(ROOT / "test/Reference").glob("*.mlir")}
    return {str(p.relative_to(ROOT)): p.read_text() for p in code | tests}


def onnx_type(op: Op) -> str:
    """As the op declares it; where ONNX's attributes are others, as export writes it."""
    return op.onnx or re.search(rf'\b{op.name}Op \w+\) \{{.*?addNode\(op, "(\w+)"\)', EXPORT.read_text(), re.S)[1]


def naming(files: dict[str, str], op: Op) -> set[str]:
    """The files that name an op, by its class, its mnemonic or ONNX's type."""
    named = re.compile(rf'\b(?:LCP_)?{op.name}Op\b|\blcp\.{op.mnemonic}\b|"{onnx_type(op)}"')
    return {path for path, text in files.items() if named.search(text)}


class AddOp(unittest.TestCase):
    def check(self, section: str, ops: list[Op]) -> None:
        files = sources()
        self.assertEqual(listed(section) - optional(section), set.intersection(*(naming(files, op) for op in ops))
                         - optional(section))
        self.assertEqual(set(), optional(section) - set.union(*(naming(files, op) for op in ops)))

    def test_activations(self) -> None:
        self.check("An activation function", activations())

    def test_an_activation_that_no_pass_singles_out(self) -> None:
        self.check("An activation function", [op for op in activations() if op.name == "HardSwish"])

    def test_pools(self) -> None:
        self.check("A pool", pools())

    def test_the_costs(self) -> None:
        self.assertLessEqual(len(listed("An activation function")), 5)
        self.assertLessEqual(len(listed("A pool") - optional("A pool")), 6)
        self.assertLessEqual(len(optional("A pool")), 2)

    def test_the_example_touches_the_listed_files(self) -> None:
        patch = (ROOT / "test/e2e/Inputs/add-elu.patch").read_text()
        self.assertEqual(listed("An activation function"), set(re.findall(r"^\+\+\+ b/(\S+)", patch, re.M)))


if __name__ == "__main__":
    unittest.main()
