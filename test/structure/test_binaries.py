"""The runtime's tools carry nothing of the compiler: no LLVM, MLIR or ONNX, as
libraries or as symbols."""

import os
import subprocess
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(os.environ.get("LCP_BIN") or ROOT / "build/dev/bin")
FORBIDDEN_LIBRARIES = ("libLLVM", "libMLIR", "libonnx")
FORBIDDEN_SYMBOLS = (" llvm::", " mlir::", " onnx::")


def output(*command: str | Path) -> str:
    return subprocess.run([str(c) for c in command], check=True, capture_output=True, text=True).stdout


@unittest.skipUnless((BIN / "lcp-run").exists(), "lcp-run is not built")
class Binaries(unittest.TestCase):
    def test_no_library_of_the_compiler(self) -> None:
        for tool in ("lcp-run", "lcp-dump"):
            for line in output("ldd", BIN / tool).splitlines():
                self.assertFalse(any(name in line for name in FORBIDDEN_LIBRARIES), f"{tool}: {line}")

    def test_no_symbol_of_the_compiler(self) -> None:
        for tool in ("lcp-run", "lcp-dump"):
            symbols = output("nm", "-C", BIN / tool)
            self.assertIn("lcp::rt::Bundle::open", symbols)
            for line in symbols.splitlines():
                self.assertFalse(any(name in line for name in FORBIDDEN_SYMBOLS), f"{tool}: {line}")

    @unittest.skipUnless((BIN / "lcp-opt").exists(), "lcp-opt is not built")
    def test_the_check_would_find_it(self) -> None:
        self.assertIn("libMLIR", output("ldd", BIN / "lcp-opt"))


if __name__ == "__main__":
    unittest.main()
