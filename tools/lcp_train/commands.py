"""Trains what lcp-translate --export-onnx wrote, in the same graph."""

import argparse
import os
import sys
from pathlib import Path

import torch

from . import data, design_command
from .errors import Problem
from .module import OnnxModule, load, save
from .options import add_data_options, add_recipe_options, best_device, pixels_of, read_data, recipe_of, set_threads
from .recipe import Pixels
from .training import Trainer, accuracy


def report(module: OnnxModule, part: data.Part, pixels: Pixels, when: str) -> None:
    print(f"test accuracy {when} {accuracy(module, part, pixels):.2f} %", flush=True)


def report_subsets(module: OnnxModule, part: data.Part, pixels: Pixels) -> None:
    """What the network knows when some branches do not answer."""
    for branch in range(module.branch_count):
        print(f"  without branch {branch} {accuracy(module, part, pixels, (branch,)):.2f} %", flush=True)


def retrain(args: argparse.Namespace) -> None:
    recipe, pixels, place = recipe_of(args), pixels_of(args), best_device()
    module = load(args.model).to(place)
    found = read_data(args, module)
    # Not only when a training is over.
    parent = args.out.parent
    if args.out.is_dir() or not parent.is_dir() or not os.access(parent, os.W_OK):
        raise Problem(f"{args.out}: cannot be written: it is a folder, or is in none that is there and writable")
    teacher = load(args.distill).to(place) if args.distill else None
    report(module, found.test, pixels, "before")
    trainer = Trainer(module, found.train, recipe, pixels, teacher)
    checkpoint = args.out.with_name(args.out.name + ".checkpoint")
    trainer.fit(checkpoint)
    save(module, args.out)
    checkpoint.unlink(missing_ok=True)
    report(module, found.test, pixels, "after")
    if recipe.branch_dropout:
        report_subsets(module, found.test, pixels)


def test(args: argparse.Namespace) -> None:
    module, pixels = load(args.model).to(best_device()), pixels_of(args)
    part = read_data(args, module).test
    report(module, part, pixels, "is")
    report_subsets(module, part, pixels)


def make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="lcp-train", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("retrain", help="train a network, by the method's recipe unless told otherwise",
                              description="An interrupted training goes on after its last whole epoch when the same "
                              "command is run again (OUT.checkpoint holds it until then).")
    one.add_argument("model", type=Path, help="what lcp-translate --export-onnx wrote")
    one.add_argument("-o", dest="out", type=Path, required=True)
    one.add_argument("--distill", type=Path, metavar="ORIGINAL.onnx", help="soft targets from this network")
    add_data_options(one)
    add_recipe_options(one)
    one.set_defaults(run=retrain)
    two = commands.add_parser("test", help="a network's accuracy, and without each of its branches")
    two.add_argument("model", type=Path)
    add_data_options(two)
    two.set_defaults(run=test)
    design_command.add(commands)
    return parser


def main() -> int:
    args = make_parser().parse_args()
    try:
        set_threads(args)
        args.run(args)
    except Problem as problem:
        print(f"lcp-train: error: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("lcp-train: interrupted; the same command goes on after the last whole epoch", file=sys.stderr)
        return 130
    return 0
