"""Trains what the compiler exports, in the exported graph itself.

    from lcp_train import load, save

    model = load("split.onnx")              # an nn.Module
    ...                                     # any training loop
    save(model, "split-trained.onnx")       # the same graph with the new values

`python -m lcp_train --help` lists the commands built on it.
docs/howto/retrain.md shows both.
"""

from .errors import Problem
from .module import OnnxModule, load, save

__all__ = ["OnnxModule", "Problem", "load", "save"]
