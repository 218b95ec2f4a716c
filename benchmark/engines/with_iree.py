"""IREE, its llvm-cpu target for this very machine. Its importer refuses BatchNormalization,
which ONNX Runtime folds for it."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

PACKAGES = ("iree-base-compiler", "iree-base-runtime")
PRECISIONS = ("fp32",)


def tool(name: str, *arguments: str | Path) -> None:
    done = subprocess.run([Path(sys.executable).parent / name, *arguments], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{name}: {done.stderr.strip().splitlines()[0]}")


def fold(model: Path, folded: Path) -> None:
    import onnxruntime
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.optimized_model_filepath = str(folded)
    onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])


def prepare(model: Path, folder: Path, precision: str, samples: list[np.ndarray]) -> None:
    fold(model, folder / "folded.onnx")
    tool("iree-import-onnx", folder / "folded.onnx", "-o", folder / "model.mlir")
    tool("iree-compile", folder / "model.mlir", "--iree-hal-target-device=local",
         "--iree-hal-local-target-device-backends=llvm-cpu", "--iree-llvmcpu-target-cpu=host", "--iree-opt-level=O3",
         "-o", folder / "model.vmfb")


def load(folder: Path, threads: int) -> Callable[[np.ndarray], np.ndarray]:
    from iree import runtime
    runtime.flags.parse_flags(f"--task_topology_max_group_count={threads}")
    config = runtime.Config("local-sync" if threads == 1 else "local-task")
    module = runtime.VmModule.mmap(config.vm_instance, str(folder / "model.vmfb"))
    context = runtime.SystemContext(vm_modules=[module], config=config)
    name = next(n for n in module.function_names if not n.startswith("_") and not n.endswith("$async"))
    function = context.modules[module.name][name]

    def run(x: np.ndarray) -> np.ndarray:
        return function(x).to_host()
    return run
