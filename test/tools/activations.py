"""The activation functions of the dialect, as its .td file declares them: what
tests run every one of them by."""

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DECLARATIONS = "include/lcp/Dialect/LCP/IR/LCPElementwise.td"
ACTIVATION = re.compile(r'^def LCP_(\w+)Op : LCP_ActivationOp<"(\w+)", "(\w+)"(.*?)> \{', re.M | re.S)
ATTRIBUTE = re.compile(r'DefaultValuedAttr<F32Attr, "([-\d.e]+)f">:\$(\w+)')


@dataclass(frozen=True)
class Activation:
    """LeakyRelu (its class, without Op), leaky_relu, LeakyRelu (ONNX's type), and
    its attributes with their defaults."""

    name: str
    mnemonic: str
    onnx: str
    attributes: tuple[tuple[str, float], ...]

    def text(self, values: dict[str, float]) -> str:
        """As MLIR, of operand %0."""
        inner = ", ".join(f"{name} = {value:.6e} : f32" for name, value in values.items())
        return f"lcp.{self.mnemonic} %0" + (f" {{{inner}}}" if inner else "")


def activations(root: Path = ROOT) -> list[Activation]:
    return [Activation(name, mnemonic, onnx, tuple((a, float(value)) for value, a in ATTRIBUTE.findall(rest)))
            for name, mnemonic, onnx, rest in ACTIVATION.findall((root / DECLARATIONS).read_text())]
