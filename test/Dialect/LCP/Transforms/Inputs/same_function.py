"""Whether two modules compute the same on seeded input, to 1e-6 of the largest
output: the f32 rounding of folded weights.

    same_function.py A B 1x3x32x32
"""

import subprocess
import sys

import numpy as np


def run(model: str, input_path: str) -> np.ndarray:
    output = model + ".y.npy"
    subprocess.run(["lcp-reference", model, f"--input={input_path}", f"--output={output}"], check=True)
    return np.load(output)


def main() -> int:
    first, second, shape = sys.argv[1:]
    input_path = first + ".x.npy"
    np.save(input_path, np.random.default_rng(5).standard_normal([int(d) for d in shape.split("x")]).astype(np.float32))
    a, b = run(first, input_path), run(second, input_path)
    error = np.abs(a - b).max() / np.abs(a).max()
    print(f"largest difference, relative to the largest output: {error:.3g}")
    return 0 if 0 <= error <= 1e-6 else 1


if __name__ == "__main__":
    sys.exit(main())
