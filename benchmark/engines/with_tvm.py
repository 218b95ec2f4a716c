"""Apache TVM as it comes, without the hours of tuning that its schedules are made for."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

PACKAGES = ("apache-tvm",)
PRECISIONS = ("fp32",)


def prepare(model: Path, folder: Path, precision: str, samples: list[np.ndarray]) -> None:
    import onnx
    import tvm
    from tvm import relax
    from tvm.relax.frontend.onnx import from_onnx
    cpu = tvm.target.codegen.llvm_get_system_cpu()
    target = tvm.target.Target({"kind": "llvm", "mcpu": cpu})
    module = from_onnx(onnx.load(str(model)), keep_params_in_input=False)
    with target:
        built = relax.build(module, target, relax_pipeline="default")
    built.export_library(str(folder / "model.so"))


def load(folder: Path, threads: int) -> Callable[[np.ndarray], np.ndarray]:
    import tvm
    from tvm import relax
    machine = relax.VirtualMachine(tvm.runtime.load_module(str(folder / "model.so")), tvm.cpu())

    def run(x: np.ndarray) -> np.ndarray:
        out = machine["main"](tvm.runtime.tensor(x, tvm.cpu()))
        return (out if hasattr(out, "numpy") else out[0]).numpy()
    return run
