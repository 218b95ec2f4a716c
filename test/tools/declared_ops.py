"""The ops of the dialect, as its .td files declare them: what tests run every one
of a kind by, so that a new one is tested without being told."""

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DECLARATIONS = "include/lcp/Dialect/LCP/IR"
OP = re.compile(r'^def LCP_(\w+)Op : LCP_(\w*)Op<"(\w+)"(.*?)> \{(.*?)^\}', re.M | re.S)
ONNX_ARGUMENT = re.compile(r'^, "(\w+)"')
ONNX_DECLARED = re.compile(r'LCP_ONNXType<"(\w+)">')
FLOAT = re.compile(r'DefaultValuedAttr<F32Attr, "([-\d.e]+)f">:\$(\w+)')
FLAG = re.compile(r'UnitAttr:\$(\w+)')


@dataclass(frozen=True)
class Op:
    """LeakyRelu (its class, without Op), Activation (the class of its
    declaration, the same way), leaky_relu, LeakyRelu (ONNX's type; empty where
    ONNX's attributes are others), floats with their defaults, and flags."""

    name: str
    kind: str
    mnemonic: str
    onnx: str
    floats: tuple[tuple[str, float], ...]
    flags: tuple[str, ...]

    def text(self, values: dict[str, float]) -> str:
        """As MLIR, of operand %0."""
        inner = ", ".join(f"{name} = {value:.6e} : f32" for name, value in values.items())
        return f"lcp.{self.mnemonic} %0" + (f" {{{inner}}}" if inner else "")


def declared(root: Path = ROOT) -> list[Op]:
    text = "".join(path.read_text() for path in sorted((root / DECLARATIONS).glob("*.td")))
    ops = []
    for name, kind, mnemonic, arguments, body in OP.findall(text):
        onnx = ONNX_ARGUMENT.search(arguments) or ONNX_DECLARED.search(body)
        floats = tuple((attribute, float(value)) for value, attribute in FLOAT.findall(arguments))
        ops.append(Op(name, kind, mnemonic, onnx[1] if onnx else "", floats, tuple(FLAG.findall(arguments))))
    return ops


def of_kind(kind: str, root: Path = ROOT) -> list[Op]:
    ops = [op for op in declared(root) if op.kind == kind]
    assert ops, f"{DECLARATIONS} declares no LCP_{kind}Op"
    return ops


def activations(root: Path = ROOT) -> list[Op]:
    return of_kind("Activation", root)


def binaries(root: Path = ROOT) -> list[Op]:
    return of_kind("Binary", root)


def pools(root: Path = ROOT) -> list[Op]:
    return of_kind("Pool", root)


def printed_with_one_type(root: Path = ROOT) -> set[str]:
    """The mnemonics of ops whose operand and result have one type, printed once."""
    return {op.mnemonic for op in declared(root) if op.kind in ("Activation", "Unary")}
