"""OpenVINO. Integers: nncf's quantisation after training."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

PACKAGES = ("openvino", "nncf")
PRECISIONS = ("fp32", "int8")


def prepare(model: Path, folder: Path, precision: str, samples: list[np.ndarray]) -> None:
    import openvino
    network = openvino.convert_model(str(model))
    if precision == "int8":
        import nncf
        network = nncf.quantize(network, nncf.Dataset(samples), subset_size=len(samples))
    openvino.save_model(network, str(folder / "model.xml"), compress_to_fp16=False)


def load(folder: Path, threads: int) -> Callable[[np.ndarray], np.ndarray]:
    import openvino
    compiled = openvino.Core().compile_model(str(folder / "model.xml"), "CPU", {
        "INFERENCE_NUM_THREADS": threads, "NUM_STREAMS": 1, "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_PRECISION_HINT": "f32", "ENABLE_CPU_PINNING": False})
    request = compiled.create_infer_request()

    def run(x: np.ndarray) -> np.ndarray:
        request.infer([x], share_inputs=True)
        return request.get_output_tensor(0).data
    return run
