"""lcp-train design: flags, and the order in which things are said."""

import argparse
import shlex
import sys
import tempfile
from pathlib import Path

from . import design_plot, design_report
from .compiler import Compiler
from .design import Loop, Outcome, Request, Row, held, split_option, write_json
from .errors import Problem
from .module import load
from .options import add_data_options, add_recipe_options, best_device, check, pixels_of, read_data, recipe_of

OURS = ("factor=", "fatten=", "device=", "latency-ms=", "cluster=")


def request_of(args: argparse.Namespace) -> Request:
    recipe = recipe_of(args)
    check(args, factor=args.factor > 1, bound=0 <= args.bound <= 100, step=args.step > 0,
          max_fatten=0 <= args.max_fatten <= 1000, device=args.device != "")
    for word in args.split.split():
        if word.startswith(OURS) or "=" not in word:
            raise Problem(f"--split: cannot have '{word}'; write options of lcp-split beside factor and fatten, e.g. round=floor")
    return Request(args.model, args.factor, args.split, args.bound, args.step, args.max_fatten, recipe, args.distill, args.image)


def settings_of(args: argparse.Namespace) -> dict:
    return {"command": shlex.join(["lcp-train", *sys.argv[1:]]), "model": args.model.name, "factor": args.factor,
            "device": args.device, "bound": args.bound, "step": args.step, "max_fatten": args.max_fatten,
            "latencies": f"modelled by the compiler from the figures of {args.device}, not measured"}


def design(args: argparse.Namespace) -> None:
    request, pixels = request_of(args), pixels_of(args)
    design_plot.require()
    compiler = Compiler(args.tools, args.device)
    with tempfile.TemporaryDirectory(prefix="lcp-train-") as work:
        original = Path(work) / "original.onnx"
        compiler.through(args.model, original)
        # A device, a factor or an option that cannot be is said before anything is written.
        compiler.cost(original)
        compiler.through(original, Path(work) / "first.onnx", split_option(request, 0))
        found = read_data(args, load(original))
        with held(args.output):
            loop = Loop(request, args.output, compiler, best_device(), show)
            print(design_report.header(args.factor, args.device), flush=True)
            outcome = loop.run(original, found, pixels)
            finish(args, outcome)
    if not outcome.met:
        raise Problem(f"no split is within {args.bound:g} points ({outcome.stopped}); a smaller --factor, --distill, more "
                      "--epochs or a larger --max-fatten may do")


def show(outcome: Outcome, row: Row) -> None:
    print(design_report.line(outcome, row), flush=True)


def finish(args: argparse.Namespace, outcome: Outcome) -> None:
    print("\n" + "\n".join(design_report.summary(outcome, args.bound)), flush=True)
    write_json(args.output / "report.json", design_report.as_json(outcome, settings_of(args)))
    design_plot.plot(outcome, args.bound, args.device, args.model.stem, args.output)


def add(commands: argparse._SubParsersAction) -> None:
    parser = commands.add_parser(
        "design", help="divide, train, test and widen, until the loss of accuracy is within a bound",
        description="The method's design loop, and beside it the best that one device can do. The folder of --output keeps "
        "every finished row; the same command goes on where it was interrupted. It ends with report.json, plot.png, "
        "plot.svg, and each trained network as NAME.onnx.")
    parser.add_argument("model", type=Path, help="the trained original, as an ONNX file")
    parser.add_argument("--factor", type=int, required=True, help="the number of branches and of devices")
    parser.add_argument("--device", required=True, help="what each of them is, a name in targets/devices")
    parser.add_argument("--output", type=Path, required=True, metavar="DIR")
    parser.add_argument("--bound", type=float, default=3.0, help="points of accuracy that may be lost (%(default)g)")
    parser.add_argument("--step", type=int, default=10, help="percent by which branches are widened at a time (%(default)s)")
    parser.add_argument("--max-fatten", type=int, default=100, help="percent at which to give up (%(default)s)")
    parser.add_argument("--split", default="", metavar="OPTIONS", help="more of lcp-split's options, e.g. 'round=floor'")
    parser.add_argument("--distill", action="store_true", help="soft targets from the original, also for the narrow network")
    parser.add_argument("--tools", type=Path, help="folder of lcp-opt and lcp-translate (default: on the PATH, or as built)")
    add_data_options(parser)
    add_recipe_options(parser)
    parser.set_defaults(run=design)
