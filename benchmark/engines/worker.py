"""One engine with one network, in a process of its own.

    worker.py prepare ENGINE PRECISION MODEL.onnx FOLDER SAMPLES.npy
    worker.py run ENGINE FOLDER INPUT.npy OUTPUT.npy THREADS

`prepare` does what the engine does ahead of time and prints the seconds of it; `run` loads
the network, computes the answer to the input once and writes it, prints "ready" and the
seconds of loading, and then for each line of standard input, a number of inferences, the
nanoseconds of each in a line. The engine `none` does nothing: what Python itself takes.
"""

import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from engines import engine  # noqa: E402


def prepare(name: str, precision: str, model: str, folder: str, samples: str) -> None:
    inputs = [sample[None] for sample in np.load(samples)]
    begin = time.perf_counter()
    engine(name).prepare(Path(model).resolve(), Path(folder).resolve(), precision, inputs)
    print(time.perf_counter() - begin)


def run(name: str, folder: str, given: str, answer: str, threads: str) -> None:
    x = np.load(given)
    begin = time.perf_counter()
    infer = (lambda x: x) if name == "none" else engine(name).load(Path(folder), int(threads))
    seconds = time.perf_counter() - begin
    np.save(answer, infer(x))
    print("ready", seconds, flush=True)
    for line in sys.stdin:
        times = []
        for _ in range(int(line)):
            begin = time.perf_counter_ns()
            infer(x)
            times.append(time.perf_counter_ns() - begin)
        print(*times, flush=True)


if __name__ == "__main__":
    try:
        {"prepare": prepare, "run": run}[sys.argv[1]](*sys.argv[2:])
    except Exception as problem:  # whatever an engine raises is why it has no row
        sys.exit(f"{type(problem).__name__}: {' '.join(str(problem).split())[:300]}")
