"""docs/howto/add-an-op.md, followed: an activation function is added to a copy of
the tree, by a patch of the files that the page lists and of no other, and works
from ONNX to the CPU target. Builds the half of the compiler that this takes; with
LCP_FULL."""

import os
import shutil
import subprocess
import unittest
from pathlib import Path

from lcp import FULL, ROOT, random_image, referee
from test_activations import SHAPE, ActivationCase, activations, settings, write

PATCH = ROOT / "test/e2e/Inputs/add-elu.patch"
TOOLS = ("lcp-translate", "lcp-reference", "lcp-cpu-check")
NOT_COPIED = ("build", ".git", ".venv", "__pycache__")


@unittest.skipUnless(FULL, "builds the dialect and all that sees it; with LCP_FULL")
class AddOp(ActivationCase):
    def run_in_copy(self, *command: str | Path) -> None:
        done = subprocess.run([str(c) for c in command], cwd=self.copy, stdin=subprocess.DEVNULL, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.assertEqual(0, done.returncode, done.stdout[-4000:])

    def copied_tool(self, name: str) -> str:
        return str(self.copy / "build/dev/bin" / name)

    def setUp(self) -> None:
        super().setUp()
        self.copy = self.folder / "tree"
        shutil.copytree(ROOT, self.copy, symlinks=True, ignore=shutil.ignore_patterns(*NOT_COPIED))
        (self.copy / ".venv").symlink_to(ROOT / ".venv")
        self.run_in_copy("patch", "-p1", f"--input={PATCH}")
        self.run_in_copy("cmake", "--preset", "dev", "-DLCP_PRECOMPILE=ON", "-DLCP_BUILD_CLUSTER=OFF")
        self.run_in_copy("ninja", "-C", "build/dev", f"-j{os.cpu_count()}", *TOOLS)

    def check(self, model: Path) -> None:
        image = 3 * random_image(SHAPE)
        self.check_reference(model, image, self.copied_tool("lcp-reference"))
        module, exported = self.folder / "imported.mlir", self.folder / "exported.onnx"
        self.succeed(self.copied_tool("lcp-translate"), "--import-onnx", model, "-o", module)
        self.succeed(self.copied_tool("lcp-translate"), "--export-onnx", module, "-o", exported)
        self.assert_close(referee(model, image), referee(exported, image), 0)
        self.succeed(self.copied_tool("lcp-cpu-check"), module)

    def test_the_page_suffices(self) -> None:
        added = [op for op in activations(self.copy) if op not in activations()]
        self.assertEqual(["elu"], [op.mnemonic for op in added])
        for attributes in settings(added[0]):
            with self.subTest(**attributes):
                self.check(write(added[0], attributes, self.folder / f"elu{len(attributes)}.onnx"))
        by_hand = self.succeed(self.copied_tool("lcp-reference"), self.copy / "test/Reference/elementwise.mlir")
        self.assertIn("@elu: tensor<3xf32> [-0.25, 0, 3]", by_hand.stdout)


if __name__ == "__main__":
    unittest.main()
