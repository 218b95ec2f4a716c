"""Damages a model in many places: lcp-translate must end with status 0 or 1, and
on 1 with lines on standard error that all say error and the file's name."""

import random
import subprocess
import sys
from pathlib import Path


def main() -> None:
    good, folder = Path(sys.argv[1]).read_bytes(), Path(sys.argv[2])
    generator, path = random.Random(7), folder / "flipped.onnx"
    # Structure is at the ends of the file and between tensors: flip all over.
    for trial in range(60):
        bad = bytearray(good)
        for _ in range(1 + trial % 8):
            bad[generator.randrange(len(bad)) if trial % 3 else generator.randrange(300)] ^= 1 << generator.randrange(8)
        path.write_bytes(bad)
        out = folder / "flipped.mlirbc"
        done = subprocess.run(["lcp-translate", "--import-onnx", path, "-o", out], capture_output=True, text=True,
                              errors="replace")
        lines = done.stderr.splitlines()
        assert done.returncode in (0, 1), f"trial {trial}: status {done.returncode}"
        assert out.exists() == (done.returncode == 0), f"trial {trial}: output left behind, or missing"
        assert done.returncode == 0 or lines, f"trial {trial}: silent"
        assert all(str(path) in line for line in lines), f"trial {trial}: {lines}"
        out.unlink(missing_ok=True)


if __name__ == "__main__":
    main()
