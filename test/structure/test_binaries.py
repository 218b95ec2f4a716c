"""lcp-run carries no compiler: not linked, and not inside."""

import os
import subprocess
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(os.environ.get("LCP_BIN") or ROOT / "build/dev/bin")


def output(*command: str | Path) -> str:
    return subprocess.run([str(c) for c in command], capture_output=True, text=True, check=True).stdout


class Binaries(unittest.TestCase):
    def test_the_runtime_links_no_compiler(self) -> None:
        for tool in ("lcp-run", "lcp-dump"):
            with self.subTest(tool):
                libraries = output("ldd", BIN / tool).lower()
                self.assertIn("libstdc++", libraries)
                for name in ("llvm", "mlir", "onnx"):
                    self.assertNotIn(name, libraries)

    def test_the_runtime_holds_no_compiler(self) -> None:
        for tool in ("lcp-run", "lcp-dump"):
            with self.subTest(tool):
                symbols = output("nm", "-C", BIN / tool)
                self.assertIn("lcp::rt::", symbols)
                for name in (" llvm::", " mlir::", " onnx::"):
                    self.assertNotIn(name, symbols)


if __name__ == "__main__":
    unittest.main()
