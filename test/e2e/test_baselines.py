"""The baselines that the method is compared with compile and run, and answer like
ONNX Runtime on the exported model; LeNet's on worker processes too."""

import unittest
from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper

from lcp import Case, build, random_image, referee
from workers import Workers

NETWORKS = ("resnet18", "mobilenet_v1", "cifarnet")
FACTOR = 4
# Name, flags of lcp-opt with | between, whether it is still the original function.
BASELINES = (
    ("pipeline by layers", f"--lcp-split-layers={FACTOR}", True),
    ("model parallel", f"--lcp-plan-split=factor={FACTOR}|--lcp-split-widths", True),
    ("column and row paired", f"--lcp-plan-split=factor={FACTOR} cut=column-row|--lcp-split-widths", True),
    ("all joins kept", f"--lcp-split=factor={FACTOR} keep-every=1", True),
    ("every second join kept", f"--lcp-split=factor={FACTOR} keep-every=2", False),
    ("tree", f"--lcp-split=factor={FACTOR} keep-first=2", False),
    ("grouped with channel shuffle", f"--lcp-split=factor={FACTOR} keep-every=1 join=shuffle", False),
    ("LCP", f"--lcp-split={FACTOR}", False),
)


class Baselines(Case):
    def test_each_answers_like_its_export(self) -> None:
        for network in NETWORKS:
            model = self.folder / f"{network}.onnx"
            image = random_image(build.make_narrow(network, model))
            simple = self.optimised(self.imported(model), "--lcp-simplify", suffix="simple")
            original = referee(model, image)
            for number, (name, flags, exact) in enumerate(BASELINES):
                with self.subTest(network=network, baseline=name):
                    divided = self.optimised(simple, *flags.split("|"), suffix=str(number))
                    expected = referee(self.exported(divided), image)
                    self.assert_close(expected, self.run_bundle(self.compile(divided), image))
                    if exact:
                        self.assert_close(original, expected)
                    else:
                        self.assertGreater(np.abs(expected - original).max(), 1e-3 * np.abs(original).max())

    def test_paired_layers_meet_half_as_often(self) -> None:
        for network, column, paired in (("lenet", 4, 2), ("mobilenet_v2", 35, 18)):
            with self.subTest(network=network):
                model = self.folder / f"{network}.onnx"
                image = random_image(build.make_narrow(network, model))
                simple = self.optimised(self.imported(model), "--lcp-simplify", suffix="simple")
                for cut, stages in (("column", column), ("column-row", paired)):
                    divided = self.optimised(simple, f"--lcp-plan-split=factor={FACTOR} cut={cut}",
                                             "--lcp-split-widths", suffix=cut)
                    text = self.succeed("lcp-opt", divided, "--mlir-elide-resource-strings-if-larger=16").stdout
                    self.assertEqual(stages, text.count("lcp.parallel"))
                self.assert_close(referee(model, image), self.run_bundle(self.compile(divided), image))


class BaselinesOnWorkers(Workers):
    def test_stages_of_lenet_meet_over_loopback(self) -> None:
        model = self.folder / "lenet.onnx"
        image = random_image(build.make_narrow("lenet", model))
        module = self.imported(model)
        for number, (name, flags, _) in enumerate(BASELINES):
            with self.subTest(baseline=name):
                two = flags.replace(f"={FACTOR}", "=2").split("|")
                bundle = self.compile(self.optimised(module, *two, suffix=str(number)))
                addresses = [self.serve(f"--branch={b}", bundle=bundle)[0] for b in range(2)]
                together = self.run_bundle(bundle, image, f"--cluster={self.cluster_file(addresses)}")
                self.assertTrue(np.array_equal(self.run_bundle(bundle, image), together))

    def test_a_residual_value_stays_on_its_worker(self) -> None:
        """With every second join kept, a block's input is read again behind the join."""
        model = self.folder / "resnet18.onnx"
        image = random_image(build.make_narrow("resnet18", model))
        simple = self.optimised(self.imported(model), "--lcp-simplify", suffix="simple")
        split = self.optimised(simple, "--lcp-split=factor=2 keep-every=2", suffix="split")
        text = self.succeed("lcp-opt", split, "--mlir-elide-resource-strings-if-larger=16").stdout
        self.assertIn(" own(", text)
        bundle = self.compile(split)
        addresses = [self.serve(f"--branch={b}", bundle=bundle)[0] for b in range(2)]
        together = self.run_bundle(bundle, image, f"--cluster={self.cluster_file(addresses)}")
        self.assertTrue(np.array_equal(self.run_bundle(bundle, image), together))

    def test_each_stage_of_a_pipeline_on_its_worker(self) -> None:
        """Of a residual network, each worker with the bundle of its own stage."""
        model = self.folder / "resnet18.onnx"
        image = random_image(build.make_narrow("resnet18", model))
        expected = referee(model, image)
        module = self.optimised(self.imported(model), "--lcp-simplify", "--lcp-split-layers=3", suffix="pipeline")
        again = self.imported(self.exported(module))
        bundle = self.compile(again, "--per-branch")
        served = [self.serve(f"--branch={device}", bundle=bundle.with_suffix(f".b{device}.fb")) for device in range(3)]
        self.assertEqual([[f"s{stage}.b0"] for stage in range(3)],
                         [[m.removeprefix("resnet18.") for m in models] for _, models in served])
        together = self.run_bundle(bundle, image, f"--cluster={self.cluster_file([a for a, _ in served])}")
        self.assertTrue(np.array_equal(self.run_bundle(bundle, image), together))
        self.assert_close(expected, together)


def without_branches(model: Path, kept: tuple[int, ...]) -> Path:
    """A split model whose classifier has zeros for all but some branches' features."""
    proto = onnx.load(str(model))
    classifier = [n for n in proto.graph.node if n.op_type == "Gemm"][-1]
    tensor = next(i for i in proto.graph.initializer if i.name == classifier.input[1])
    value = numpy_helper.to_array(tensor).copy()
    for branch, columns in enumerate(np.array_split(np.arange(value.shape[1]), FACTOR)):
        if branch not in kept:
            value[:, columns] = 0
    tensor.CopyFrom(numpy_helper.from_array(value, tensor.name))
    out = model.with_suffix(f".{'-'.join(map(str, kept))}.onnx")
    onnx.save(proto, str(out))
    return out


class KeptBranches(Workers):
    def test_answer_as_with_the_others_at_zero(self) -> None:
        for network in ("lenet", "resnet18"):
            model = self.folder / f"{network}.onnx"
            image = random_image(build.make_narrow(network, model))
            simple = self.optimised(self.imported(model), "--lcp-simplify", suffix="simple")
            whole = self.exported(self.optimised(simple, f"--lcp-split={FACTOR}", suffix="split"))
            everything = referee(whole, image)
            for merge in ("concat", "sum-logits"):
                split = self.optimised(simple, f"--lcp-split=factor={FACTOR} merge={merge}", suffix=merge)
                for kept in ((3,), (0, 2)):
                    with self.subTest(network=network, merge=merge, kept=kept):
                        expected = referee(without_branches(whole, kept), image)
                        self.assertGreater(np.abs(expected - everything).max(), 1e-3 * np.abs(everything).max())
                        names = ",".join(map(str, kept))
                        some = self.optimised(split, f"--lcp-keep-branches={names}", suffix=names)
                        self.assert_close(expected, referee(self.exported(some), image))
                        bundle = self.compile(self.imported(self.exported(some)))
                        here = self.run_bundle(bundle, image)
                        self.assert_close(expected, here)
                        addresses = [self.serve(f"--branch={b}", bundle=bundle)[0] for b in range(len(kept))]
                        there = self.run_bundle(bundle, image, f"--cluster={self.cluster_file(addresses)}")
                        self.assertTrue(np.array_equal(here, there))


if __name__ == "__main__":
    unittest.main()
