"""docs/howto/add-an-op.md lists the files that an op is in, and no other."""

import re
import sys
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "test/tools"))
from activations import activations  # noqa: E402

PAGE = ROOT / "docs/howto/add-an-op.md"
# Without other targets: what they lack they refuse.
CODE = ("include", "lib", "runtime", "targets/cpu", "tools")
POOL = re.compile(r'^def LCP_(\w+)Op : LCP_PoolOp<"(\w+)"', re.M)
WINDOWS = ROOT / "include/lcp/Dialect/LCP/IR/LCPWindows.td"
# ONNX's names; those of other pools are of no matter until there is one.
ONNX_POOLS = {"max_pool2d": "MaxPool", "avg_pool2d": "AveragePool"}


def listed(section: str) -> set[str]:
    """The files in the table of a section of the page."""
    text = PAGE.read_text().split(f"\n## {section}\n")[1].split("\n## ")[0]
    return set(re.findall(r"^\| `([^`]+)` \|", text, re.M))


def sources() -> dict[str, str]:
    """The code, and what tests name every op by hand; without generated files."""
    code = {p for top in CODE for p in (ROOT / top).rglob("*") if p.suffix in (".h", ".cpp", ".td", ".py")
            and "test" not in p.relative_to(ROOT).parts}
    tests = {*(ROOT / "test/Dialect/LCP").glob("ops.mlir"), *(ROOT / "test/Reference").glob("*.mlir")}
    return {str(p.relative_to(ROOT)): p.read_text() for p in code | tests}


def naming(files: dict[str, str], name: str, mnemonic: str, onnx: str) -> set[str]:
    """The files that name an op, by its class, its mnemonic or ONNX's type."""
    named = re.compile(rf'\b(?:LCP_)?{name}Op\b|\blcp\.{mnemonic}\b|"{onnx}"')
    return {path for path, text in files.items() if named.search(text)}


class AddOp(unittest.TestCase):
    def check(self, section: str, ops: list[tuple[str, str, str]]) -> None:
        files = sources()
        self.assertTrue(ops)
        self.assertEqual(listed(section), set.intersection(*(naming(files, *op) for op in ops)))

    def test_activations(self) -> None:
        self.check("An activation function", [(op.name, op.mnemonic, op.onnx) for op in activations()])

    def test_an_activation_that_no_pass_singles_out(self) -> None:
        self.assertEqual(listed("An activation function"), naming(sources(), "HardSwish", "hard_swish", "HardSwish"))

    def test_pools(self) -> None:
        pools = POOL.findall(WINDOWS.read_text())
        self.check("A pool", [(name, mnemonic, ONNX_POOLS[mnemonic]) for name, mnemonic in pools])

    def test_the_costs(self) -> None:
        self.assertLessEqual(len(listed("An activation function")), 5)
        self.assertLessEqual(len(listed("A pool")), 8)

    def test_the_example_touches_the_listed_files(self) -> None:
        patch = (ROOT / "test/e2e/Inputs/add-elu.patch").read_text()
        self.assertEqual(listed("An activation function"), set(re.findall(r"^\+\+\+ b/(\S+)", patch, re.M)))


if __name__ == "__main__":
    unittest.main()
