"""The runtime's tools carry nothing of the compiler: no LLVM, MLIR or ONNX, as
libraries or as symbols. And they are built as what meets strangers should be."""

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


class Hardened(unittest.TestCase):
    """Of the build under test, and of those for devices where they were built."""

    def check(self, tool: Path) -> None:
        dynamic = output("readelf", "--wide", "--dynamic", tool)
        segments = output("readelf", "--wide", "--segments", tool)
        symbols = output("readelf", "--wide", "--symbols", tool)
        self.assertRegex(dynamic, r"FLAGS_1.*\bNOW\b", f"{tool}: -z now")
        self.assertRegex(dynamic, r"FLAGS_1.*\bPIE\b", f"{tool}: -pie")
        self.assertIn("Elf file type is DYN", segments, f"{tool}: -pie")
        self.assertIn("GNU_RELRO", segments, f"{tool}: -z relro")
        self.assertRegex(segments, r"GNU_STACK\s.*\sRW\s", f"{tool}: -z noexecstack")
        self.assertIn("__stack_chk_fail", symbols, f"{tool}: -fstack-protector-strong")
        # GCC's calls of it survive the optimiser; of Clang's there may be none left.
        if "clang" not in output("readelf", "--string-dump=.comment", tool):
            self.assertRegex(symbols, r"__\w+_chk\b", f"{tool}: -D_FORTIFY_SOURCE=2")

    @unittest.skipUnless((BIN / "lcp-run").exists(), "lcp-run is not built")
    def test_here(self) -> None:
        for tool in ("lcp-run", "lcp-dump"):
            self.check(BIN / tool)

    def test_for_devices(self) -> None:
        tools = [tool for preset in ("runtime-only", "runtime-aarch64")
                 if (tool := ROOT / "build" / preset / "bin/lcp-run").exists()]
        if not tools:
            self.skipTest("no preset for devices is built")
        for tool in tools:
            self.check(tool)


if __name__ == "__main__":
    unittest.main()
