"""How lit runs this project's tests. Read through a generated lit.site.cfg.py,
which says where the sources, the tools and LLVM's FileCheck are.

A test may use:
  %models  the shipped models (models/)
  %python  the project's Python, with numpy, onnx and onnxruntime
"""

import os

import lit.formats

config.name = config.suite_name
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".test"]
config.excludes = ["Inputs", "conformance", "e2e", "fuzz", "models", "tools", "unit"]
config.test_source_root = config.source_root
config.test_exec_root = config.build_root

config.environment["PATH"] = os.pathsep.join(
    [config.tools_dir, config.llvm_tools_dir, os.environ["PATH"]])
python = os.path.join(config.source_dir, ".venv", "bin", "python")
config.substitutions += [
    ("%models", os.path.join(config.source_dir, "models")),
    ("%python", python),
]
if os.path.exists(python):
    config.available_features.add("venv")
if os.path.exists("/proc/cpuinfo") and " avx2 " in open("/proc/cpuinfo").read():
    config.available_features.add("avx2")
if config.has_cluster.upper() in ("ON", "1", "TRUE", "YES"):
    config.available_features.add("cluster")
