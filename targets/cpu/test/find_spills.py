"""Reads the disassembly that llvm-objdump writes and judges the innermost loops that
multiply and add: find_spills.py MOST < DISASSEMBLY. Prints each and how often it touches the
stack; fails where one does more than MOST times, or where there is no such loop."""

import re
import sys
from dataclasses import dataclass

INSTRUCTION = re.compile(r"^\s*([0-9a-f]+):\s+(\S+)\s*(.*)$")
SYMBOL = re.compile(r"^[0-9a-f]+ <(.+)>:$")
BRANCH = re.compile(r"^(j\w+|b|b\.\w+|cbn?z|tbn?z)$")
TARGET = re.compile(r"0x([0-9a-f]+)(?= <)")
MULTIPLY_ADD = re.compile(r"^(vfn?m(add|sub)|fml[as]$)")
STACK = re.compile(r"\(%rsp|\[sp\b|\[x29\b")


@dataclass(frozen=True)
class Instruction:
    address: int
    name: str
    operands: str


@dataclass(frozen=True)
class Loop:
    function: str
    body: list[Instruction]

    @property
    def multiply_adds(self) -> int:
        return sum(bool(MULTIPLY_ADD.match(i.name)) for i in self.body)

    @property
    def on_the_stack(self) -> int:
        return sum(bool(STACK.search(i.operands)) for i in self.body)


def functions(text: str) -> dict[str, list[Instruction]]:
    found: dict[str, list[Instruction]] = {}
    name = ""
    for line in text.splitlines():
        if symbol := SYMBOL.match(line):
            name = symbol[1]
        elif (match := INSTRUCTION.match(line)) and name:
            found.setdefault(name, []).append(Instruction(int(match[1], 16), match[2], match[3]))
    return found


def innermost_loops(function: str, code: list[Instruction]) -> list[Loop]:
    """Of branches backwards, those between whose target and themselves is no other."""
    spans = [(int(target[1], 16), i.address) for i in code
             if BRANCH.match(i.name) and (target := TARGET.search(i.operands)) and int(target[1], 16) <= i.address]
    return [Loop(function, [i for i in code if begin <= i.address <= end]) for begin, end in spans
            if not any(begin <= b and e <= end and (b, e) != (begin, end) for b, e in spans)]


def main() -> None:
    loops = [loop for name, code in functions(sys.stdin.read()).items()
             for loop in innermost_loops(name, code) if loop.multiply_adds]
    for loop in loops:
        print(f"{loop.function}: {loop.multiply_adds} multiply-adds, {loop.on_the_stack} on the stack")
    if not loops or max(loop.on_the_stack for loop in loops) > int(sys.argv[1]):
        sys.exit("find_spills.py: no loop multiplies and adds" if not loops else "find_spills.py: loops spill")


if __name__ == "__main__":
    main()
