"""ONNX Runtime, its CPU provider. Integers: its own static quantisation, each value
between QuantizeLinear and DequantizeLinear."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np

PACKAGES = ("onnxruntime",)
PRECISIONS = ("fp32", "int8")


def quantise(model: Path, out: Path, samples: list[np.ndarray]) -> None:
    import onnx
    from onnxruntime.quantization import CalibrationDataReader, quantize_static
    from onnxruntime.quantization.shape_inference import quant_pre_process

    class Samples(CalibrationDataReader):
        def __init__(self) -> None:
            name = onnx.load(str(model), load_external_data=False).graph.input[0].name
            self.rest = iter([{name: sample} for sample in samples])

        def get_next(self) -> dict[str, np.ndarray] | None:
            return next(self.rest, None)

    folded = out.with_name("folded.onnx")
    quant_pre_process(str(model), str(folded), skip_symbolic_shape=True)
    quantize_static(str(folded), str(out), Samples(), per_channel=True)


def prepare(model: Path, folder: Path, precision: str, samples: list[np.ndarray]) -> None:
    if precision == "int8":
        quantise(model, folder / "model.onnx", samples)
    else:
        shutil.copy(model, folder / "model.onnx")


def load(folder: Path, threads: int) -> Callable[[np.ndarray], np.ndarray]:
    import onnxruntime
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(str(folder / "model.onnx"), options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    return lambda x: session.run(None, {name: x})[0]
