"""The arrows of docs/Architecture.md, checked over #include lines: which folder
may see which. A new folder must be added here, with what it may see."""

import re
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

MLIR = ["mlir", "llvm"]
ONNX = ["onnx", "google"]
DIALECT = ["lcp/Dialect"]

CPU = "targets/cpu/compiler/"
CPU_DIALECT = MLIR + DIALECT + [CPU + "dialect", CPU + "Passes.h", CPU + "Passes.h.inc"]

# folder -> what its files may include, beside the C and C++ libraries and itself.
# include/lcp/X is held to the line of lib/X.
MAY_SEE = {
    "common/base": [],
    "common/devices": ["yaml-cpp", "common/base"],
    "common/traffic": ["common/base"],
    "lib/Support": MLIR,
    "lib/Dialect": MLIR,
    "lib/Dialect/LCP/Transforms": MLIR + DIALECT + ["lcp/Reference"],
    "lib/Import": MLIR + ONNX + DIALECT,
    "lib/Export": MLIR + ONNX + DIALECT + ["lcp/Support", "lcp/Import"],
    "lib/Reference": MLIR + DIALECT,
    "lib/Analysis/Cost": MLIR + DIALECT + ["common/devices", "common/traffic"],
    "lib/Split": MLIR + DIALECT + ["lcp/Split"],
    "lib/Split/Sharding": MLIR + DIALECT,
    "lib/Split/Transforms": MLIR + DIALECT + ["lcp/Split/Sharding", "lcp/Split/Passes.h", "lcp/Split/Passes.h.inc",
                                              "lcp/Analysis/Cost"],
    "lib/Split/Plan": MLIR + DIALECT + ["lcp/Split/Sharding", "lcp/Split/Transforms", "lcp/Split/Passes.h",
                                        "lcp/Split/Passes.h.inc", "lcp/Analysis/Cost", "lcp/Support", "common/devices"],
    "lib/Split/Compare": MLIR + DIALECT + ["lcp/Split", "lcp/Analysis/Cost", "common/devices", "common/traffic",
                                           "common/base"],
    "lib/Quantize": MLIR + DIALECT + ["lcp/Reference", "lcp/Target"],
    "lib/Target": MLIR + DIALECT + ["common/base"],
    "lib/Lower": MLIR + DIALECT + ["lcp/Target"],
    "lib/Bundle": MLIR + DIALECT + ["lcp/Support", "lcp/Lower", "lcp/Target", "runtime/schema", "common/base", "flatbuffers"],
    "lib/Report": MLIR + DIALECT + ["lcp/Lower", "lcp/Target", "lcp/Analysis/Cost", "common/devices", "common/traffic",
                                    "common/base"],
    "lib/Pipeline": MLIR + ["lcp", "common/base", "common/devices", "common/traffic", "runtime/io"],
    "runtime/platform": ["common/base"],
    "runtime/io": ["common/base", "runtime/platform", "png.h", "jpeglib.h"],
    "runtime/schema": ["common/base", "flatbuffers", "openssl"],
    "runtime/bundle": ["common/base", "runtime/platform", "runtime/io", "runtime/schema", "flatbuffers",
                       "openssl"],
    "runtime/driver": ["common/base", "runtime/platform"],
    "runtime/executor": ["common/base", "runtime/platform", "runtime/io", "runtime/schema",
                         "runtime/bundle", "runtime/driver", "flatbuffers"],
    "runtime/rpc": ["common/base", "runtime/platform", "runtime/io", "runtime/schema", "runtime/bundle", "google",
                    "openssl", "nghttp2"],
    "runtime/serving": ["common/base", "runtime/platform", "runtime/io", "runtime/schema", "runtime/bundle",
                        "runtime/driver", "runtime/executor", "runtime/rpc", "google"],
    "runtime/cluster": ["common/base", "common/devices", "runtime/platform", "runtime/io", "runtime/schema",
                        "runtime/bundle", "runtime/executor", "runtime/rpc", "google"],
    "targets/*/abi": [],
    "targets/*/compiler": MLIR + DIALECT + ["lcp/Target", "lcp/Lower", "lcp/Quantize", "common/devices", "common/base",
                                            "targets/SELF/abi", "targets/SELF/compiler"],
    CPU + "dialect": MLIR + DIALECT,
    CPU + "machine": CPU_DIALECT + ["common/base", "common/devices"],
    CPU + "graph": CPU_DIALECT + ["common/base"],
    CPU + "schedule": CPU_DIALECT + ["targets/cpu/abi"],
    CPU + "kernels": CPU_DIALECT + [CPU + "schedule", "targets/cpu/abi"],
    CPU + "object": CPU_DIALECT + ["lcp/Target", "targets/cpu/abi", CPU + "machine", CPU + "kernels/PackWeights.h"],
    "targets/*/runtime": ["common/base", "runtime/driver", "runtime/platform", "targets/SELF/abi"],
}

INCLUDE = re.compile(r'^\s*#\s*include\s+(["<])([^">]+)[">]', re.M)
STANDARD = re.compile(r"^[a-z0-9_]+(\.h)?$|^(sys|linux|netinet|arpa)/")
EXTERNAL = ("png.h", "jpeglib.h", "sodium.h", "zlib.h")


def layer_of(path: Path) -> tuple[str, str] | None:
    """The folder whose line in MAY_SEE holds for a file, and the target's name."""
    parts = path.relative_to(ROOT).parts
    name = "/".join(("lib",) + parts[2:] if parts[:2] == ("include", "lcp") else parts)
    lines = [folder for folder in MAY_SEE if name.startswith(folder + "/")]
    if parts[0] == "targets":
        return max(lines, key=len, default=f"targets/*/{parts[2]}"), parts[1]
    return max(lines, key=len, default="/".join(name.split("/")[:2])), ""


def sources() -> list[Path]:
    files = []
    for top in ("common", "include/lcp", "lib", "runtime", "targets"):
        files += [p for p in (ROOT / top).rglob("*") if p.suffix in (".h", ".cpp", ".c", ".td")
                  and "test" not in p.relative_to(ROOT).parts and len(p.relative_to(ROOT).parts) > 2]
    return sorted(files)


def allowed(include: str, quoted: bool, layer: str, target: str) -> bool:
    seen = [s.replace("SELF", target) for s in MAY_SEE[layer]]
    own = [layer.replace("*", target), layer.replace("lib/", "lcp/")]
    if any(include == s or include.startswith(s + "/") for s in seen + own):
        return True
    if include in EXTERNAL:
        return False
    return bool(STANDARD.match(include)) or (quoted and "/" not in include)


class Arrows(unittest.TestCase):
    def test_every_include_follows_an_arrow(self) -> None:
        wrong = []
        for path in sources():
            layer, target = layer_of(path)
            self.assertIn(layer, MAY_SEE, f"{path}: this folder is not in docs/Architecture.md's table")
            for mark, include in INCLUDE.findall(path.read_text()):
                if not allowed(include, mark == '"', layer, target):
                    wrong.append(f"{path.relative_to(ROOT)} includes {include}, which {layer} may not see")
        self.assertEqual([], wrong)

    def test_common_code_names_no_target(self) -> None:
        targets = [p.name for p in (ROOT / "targets").glob("*") if (p / "compiler").is_dir()]
        wrong = [f"{path.relative_to(ROOT)} names targets/{name}" for path in sources()
                 if "targets" not in path.relative_to(ROOT).parts
                 for name in targets if f"targets/{name}" in path.read_text()]
        self.assertEqual([], wrong)

    def test_a_forbidden_include_would_be_found(self) -> None:
        self.assertFalse(allowed("mlir/IR/Builders.h", True, "common/base", ""))
        self.assertFalse(allowed("targets/gemm/abi/Command.h", True, "targets/*/compiler", "cpu"))
        self.assertFalse(allowed("onnx/onnx_pb.h", False, "lib/Split", ""))
        self.assertFalse(allowed("lcp/Split/Passes.h", True, "targets/*/compiler", "cpu"))
        self.assertFalse(allowed("lcp/Split/Plan/PlanSplit.h", True, "lib/Split/Transforms", ""))
        self.assertFalse(allowed(CPU + "object/CodeGen.h", True, CPU + "kernels", "cpu"))
        self.assertFalse(allowed(CPU + "kernels/Map.h", True, CPU + "schedule", "cpu"))
        self.assertFalse(allowed("runtime/cluster/Cluster.h", True, "runtime/serving", ""))
        self.assertFalse(allowed(CPU + "schedule/CostModel.h", True, CPU + "graph", "cpu"))
        self.assertTrue(allowed("common/devices/Device.h", True, "lib/Split/Plan", ""))
        self.assertTrue(allowed("sys/mman.h", False, "runtime/platform", ""))


class Files(unittest.TestCase):
    def test_every_source_names_its_licence(self) -> None:
        wrong = [str(p.relative_to(ROOT)) for p in sources()
                 if "SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception" not in p.read_text()[:600]]
        self.assertEqual([], wrong)

    def test_the_first_line_names_the_file(self) -> None:
        """One line: clang-format breaks a longer one in two."""
        wrong = []
        for path in sources():
            first = path.read_text().split("\n", 1)[0]
            if len(first) > 80 or not (first.startswith(f"//===- {path.name} - ") and first.endswith("===//")):
                wrong.append(f"{path.relative_to(ROOT)}: {first}")
        self.assertEqual([], wrong)


if __name__ == "__main__":
    unittest.main()
