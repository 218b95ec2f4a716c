"""ncnn, through pnnx. Its tools that make integer networks come with no package."""

import subprocess
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import numpy as np

PACKAGES = ("ncnn", "pnnx")
PRECISIONS = ("fp32",)


def prepare(model: Path, folder: Path, precision: str, samples: list[np.ndarray]) -> None:
    # Of the package only the program is wanted: to import it takes PyTorch.
    program = Path(find_spec("pnnx").origin).parent / "pnnx"
    own = folder / "model.onnx"  # it writes beside its input, also what nobody asked for
    own.unlink(missing_ok=True)  # of a run that was cut off
    own.symlink_to(model)
    shape = ",".join(map(str, samples[0].shape))
    done = subprocess.run([program, own, f"inputshape=[{shape}]", "fp16=0"], cwd=folder, capture_output=True, text=True)
    if done.returncode or not (folder / "model.ncnn.bin").exists():
        raise RuntimeError(f"pnnx ended with {done.returncode}: {(done.stderr or done.stdout).strip()[-200:]}")
    for unwanted in folder.glob("model.pnnx*"):
        unwanted.unlink()


def load(folder: Path, threads: int) -> Callable[[np.ndarray], np.ndarray]:
    import ncnn
    net = ncnn.Net()
    net.opt.num_threads = threads
    for option in ("use_fp16_packed", "use_fp16_storage", "use_fp16_arithmetic", "use_bf16_storage"):
        setattr(net.opt, option, False)
    if net.load_param(str(folder / "model.ncnn.param")) or net.load_model(str(folder / "model.ncnn.bin")):
        raise RuntimeError("ncnn does not load what pnnx wrote")

    def run(x: np.ndarray) -> np.ndarray:
        extractor = net.create_extractor()
        extractor.input("in0", ncnn.Mat(x[0]))
        status, out = extractor.extract("out0")
        if status:
            raise RuntimeError(f"ncnn ended with {status}")
        return np.array(out)[None]
    return run
