"""Flags that the commands share, and what they say."""

import argparse
from math import inf
from pathlib import Path

import torch

from . import data
from .errors import Problem
from .module import OnnxModule
from .recipe import Pixels, Recipe, parse_pixels

# PyTorch starts as many as it is told to.
MOST_THREADS = 1024
IMAGE_HELP = "mean=M[,M,M],scale=S[,S,S],order=rgb|bgr, as for lcp-compile (default: mean=0,scale=1/255)"


def add_data_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, required=True, help=data.FORMS)
    parser.add_argument("--image", type=str, default="", help=IMAGE_HELP)
    parser.add_argument("--threads", type=int, help="CPU threads (default: PyTorch's choice)")


def add_recipe_options(parser: argparse.ArgumentParser) -> None:
    of = Recipe()
    parser.add_argument("--from", dest="start", choices=("slices", "scratch"), default="slices",
                        help="the file's values, or N(0, 4e-2) (default: slices)")
    parser.add_argument("--temperature", type=float, default=of.temperature, help="of the soft targets (%(default)s)")
    parser.add_argument("--branch-dropout", type=float, default=0.0, metavar="P",
                        help="chance of a branch to be left out of a sample while training (0)")
    parser.add_argument("--epochs", type=int, default=of.epochs, help="(%(default)s)")
    parser.add_argument("--batch", type=int, default=of.batch, help="(%(default)s)")
    parser.add_argument("--lr", type=float, default=of.rate, help="Adam's rate at first (%(default)s)")
    parser.add_argument("--decay", type=float, default=of.decay, help="factor on the rate (%(default)s)")
    parser.add_argument("--decay-epochs", type=int, default=of.decay_epochs, help="each so many epochs (%(default)s)")
    parser.add_argument("--l2", type=float, default=of.l2, help="on weights, not biases (%(default)s)")
    parser.add_argument("--dropout", type=float, default=of.dropout, help="in the graph's Dropout nodes (%(default)s)")
    parser.add_argument("--augment", action="store_true", help="shift images by up to an eighth, mirror half of them")
    parser.add_argument("--seed", type=int, default=0)


def check(args: argparse.Namespace, **good: bool) -> None:
    """Whether each option's value can be; raises Problem."""
    for name, value in good.items():
        if not value:
            raise Problem(f"--{name.replace('_', '-')}: cannot be {getattr(args, name)}")


def set_threads(args: argparse.Namespace) -> None:
    if args.threads is None:
        return
    check(args, threads=0 < args.threads <= MOST_THREADS)
    torch.set_num_threads(args.threads)


def recipe_of(args: argparse.Namespace) -> Recipe:
    check(args, epochs=args.epochs > 0, batch=args.batch > 0, decay_epochs=args.decay_epochs > 0, lr=0 < args.lr < inf,
          decay=0 < args.decay < inf, l2=0 <= args.l2 < inf, temperature=0 < args.temperature < inf,
          dropout=0 <= args.dropout < 1, branch_dropout=0 <= args.branch_dropout < 1, seed=abs(args.seed) < 2 ** 32)
    return Recipe(args.epochs, args.batch, args.lr, args.decay, args.decay_epochs, args.l2, args.dropout,
                  args.start == "scratch", args.temperature, args.branch_dropout, args.augment, args.seed)


def pixels_of(args: argparse.Namespace) -> Pixels:
    return parse_pixels(args.image) if args.image else Pixels()


def best_device() -> torch.device:
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def read_data(args: argparse.Namespace, module: OnnxModule) -> data.Data:
    """The data set in the size that the network reads."""
    shape = module.input_shape[1:]
    if len(shape) != 3 or 0 in shape:
        raise Problem(f"the network reads {data.by(module.input_shape)}, not images of a known size")
    pixels = pixels_of(args)
    for name, values in (("mean", pixels.mean), ("scale", pixels.scale)):
        if len(values) not in (1, shape[0]):
            raise Problem(f"--image: {name} has {len(values)} numbers, the network's input {shape[0]} channels; give one, "
                          "or one a channel")
    found = data.read(args.data, tuple(shape))
    outputs = [d.dim_value for d in module.onnx_model.graph.output[0].type.tensor_type.shape.dim][-1]
    if found.classes > outputs:
        raise Problem(f"{args.data}: has {found.classes} classes, the network {outputs} answers")
    print(f"{found.form}: {len(found.train.images)} training and {len(found.test.images)} test images")
    return found
