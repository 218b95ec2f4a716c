"""benchmark/arm.py: blocks of a program whose loop is known are counted in qemu, and timed by
llvm-mca; what the table makes of a row."""

import sys
import unittest

from lcp import ROOT, Case

sys.path.append(str(ROOT / "benchmark"))
import arm_blocks  # noqa: E402
import arm_table  # noqa: E402
from toolbox import tool  # noqa: E402

ROUNDS = 1000
# Sixteen independent multiply-adds in a loop of 18 instructions.
PROGRAM = f"""
.globl _start
_start:
  mov x0, #{ROUNDS}
loop:
  {"".join(f"fmla v{i}.4s, v30.4s, v31.4s; " for i in range(16))}
  subs x0, x0, #1
  b.ne loop
  mov x8, #93
  svc #0
"""


class Blocks(Case):
    def count(self) -> dict[str, int]:
        source, program = self.folder / "loop.s", self.folder / "loop"
        source.write_text(PROGRAM)
        tool(["aarch64-linux-gnu-gcc", "-nostdlib", "-static", source, "-o", program])
        return arm_blocks.count(arm_blocks.plugin(self.folder), "cortex-a72", [program], self.folder / "blocks")

    def test_a_loop_is_counted_and_timed(self) -> None:
        blocks = self.count()
        # The first round is in the block that begins with the program.
        (loop, times), = [(code, times) for code, times in blocks.items() if times > 1]
        self.assertEqual((ROUNDS - 1, 18), (times, arm_blocks.instructions(loop)))
        self.assertEqual(16, arm_blocks.assembly(loop).count("fmla"))
        total, cycles = arm_blocks.predict(blocks, ("cortex-a72",))
        self.assertEqual(18 * ROUNDS + 3, total)
        # One multiply-add of four lanes begins in a cycle.
        self.assertAlmostEqual(16, cycles["cortex-a72"] / ROUNDS, delta=0.5)


class Table(unittest.TestCase):
    def test_a_row(self) -> None:
        def engine(instructions: int, cycles: int) -> dict:
            return {"instructions": instructions, "cycles": {"cortex-a72": cycles}}
        row = {"network": "resnet18", "device": "rpi4", "macs": 1_000_000,
               "engines": {"lcp": engine(300_000, 250_000), "ncnn": engine(400_000, 500_000)}}
        # 500,000 cycles at 1.8 GHz on four cores, of 122.27 ms.
        self.assertEqual(f"| ResNet-18 | 0.300 | 0.400 | 100 | 50 | {500e3 / 1.8e9 / 4 * 1e3 / 122.27:.2f} |",
                         arm_table.line(row))


if __name__ == "__main__":
    unittest.main()
