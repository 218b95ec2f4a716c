"""Whatever is wrong with a file, a flag or the network outside: one clear line
on stderr for each problem, a status that is not 0, and no crash."""

import socket
import unittest
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper

from lcp import MODELS, READER, Argument, Case, random_image, tool

LENET = MODELS / "lenet-digits.onnx"


class BadOnnx(Case):
    def write(self, data: bytes) -> Path:
        path = self.folder / "bad.onnx"
        path.write_bytes(data)
        return path

    def importing(self, path: Path) -> tuple[Argument, ...]:
        if READER:
            return READER, path
        return "lcp-translate", "--import-onnx", path, "-o", self.folder / "x.mlirbc"

    def refused_import(self, path: Path, lines: int = 1) -> str:
        tool_name, *arguments = self.importing(path)
        return self.refuse(str(tool_name), *arguments, lines=lines)

    def save(self, nodes: list[onnx.NodeProto], shape: list[int], *constants: TensorProto) -> Path:
        """A model from x, of `shape`, to y."""
        value = helper.make_tensor_value_info
        graph = helper.make_graph(nodes, "bad", [value("x", TensorProto.FLOAT, shape)],
                                  [value("y", TensorProto.FLOAT, None)], list(constants))
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
        return self.write(model.SerializeToString())

    def test_truncated(self) -> None:
        data = LENET.read_bytes()
        for size in (1, 100, len(data) // 2, len(data) - 1):
            self.assertIn("bad.onnx", self.refused_import(self.write(data[:size])))

    def test_empty(self) -> None:
        self.assertIn("bad.onnx", self.refused_import(self.write(b"")))

    def test_missing(self) -> None:
        self.assertIn("absent.onnx", self.refused_import(self.folder / "absent.onnx"))
        self.assertIn("absent.onnx", self.refuse("lcp-compile", "--target=host", self.folder / "absent.onnx",
                                                 "-o", self.folder / "x.fb"))

    def test_bit_flips_are_taken_or_refused_in_order(self) -> None:
        data = LENET.read_bytes()
        random = np.random.default_rng(4)
        header = np.arange(0, 400)  # the graph stands first, then the weights
        for position in random.choice(header, 60, replace=False):
            flipped = bytearray(data)
            flipped[position] ^= 1 << int(random.integers(8))
            tool_name, *arguments = self.importing(self.write(bytes(flipped)))
            done = tool(str(tool_name), *arguments)
            self.assertIn(done.returncode, (0, 1), f"bit flip at {position}: {done.stderr[-500:]}")
            if done.returncode:
                self.assertIn("error", done.stderr)

    def test_shape_in_strings_without_data(self) -> None:
        strings = TensorProto(name="s", data_type=TensorProto.STRING, dims=[1 << 60])
        path = self.save([helper.make_node("Reshape", ["x", "s"], ["y"], name="to_strings")], [1, 4], strings)
        if READER:  # The node reads more than constants: the reader takes it.
            self.succeed(READER, path)
        else:
            self.assertIn("to_strings", self.refused_import(path))

    def test_constants_that_together_are_too_large(self) -> None:
        shape = helper.make_tensor("s", TensorProto.INT64, [1], [1 << 30])
        nodes = [helper.make_node("ConstantOfShape", ["s"], ["huge"], name="huge"),
                 helper.make_node("Add", ["x", "huge"], ["y"], name="sum")]
        self.assertIn("'huge'", self.refused_import(self.save(nodes, [1], shape)))

    @unittest.skipIf(READER, "a sanitizer needs more address space than any limit leaves")
    def test_memory_that_runs_out(self) -> None:
        shape = helper.make_tensor("s", TensorProto.INT64, [1], [1 << 27])
        true = helper.make_tensor("v", TensorProto.BOOL, [1], [True])
        nodes = [helper.make_node("ConstantOfShape", ["s"], ["bools"], value=true),
                 helper.make_node("Cast", ["bools"], ["wide"], name="widen", to=TensorProto.FLOAT),
                 helper.make_node("Add", ["x", "wide"], ["y"])]
        name, *arguments = self.importing(self.save(nodes, [1], shape))
        said = self.refuse(str(name), *arguments, prefix=("prlimit", f"--as={1 << 30}"))
        self.assertIn("'widen': there is not enough memory", said)

    @unittest.skipIf(READER, "the reader leaves an input's size to the import")
    def test_input_that_is_too_large(self) -> None:
        path = self.save([helper.make_node("Relu", ["x"], ["y"])], [1 << 31, 1 << 31, 1 << 31])
        self.assertIn("'x' is too large", self.refused_import(path))

    def test_small_file_that_would_take_gigabytes_parsed(self) -> None:
        good = self.save([helper.make_node("Relu", ["x"], ["y"])], [1, 4]).read_bytes()
        infos = b"\x6a\x00" * 5_000_000  # graph.value_info, each empty
        size, length = len(infos), b""
        while size:
            length += bytes([size & 127 | (128 if size > 127 else 0)])
            size >>= 7
        self.assertIn("too large", self.refused_import(self.write(good + b"\x3a" + length + infos)))

    @unittest.skipIf(READER, "the reader knows no operators")
    def test_unsupported_ops_are_all_listed_by_node_name(self) -> None:
        nodes = [helper.make_node("Relu", ["x"], ["a"], name="fine"),
                 helper.make_node("LSTM", ["a", "a", "a"], ["b"], name="first_bad"),
                 helper.make_node("Sin", ["b"], ["c"], name="second_bad"),
                 helper.make_node("NonZero", ["c"], ["y"], name="third_bad")]
        value = helper.make_tensor_value_info
        graph = helper.make_graph(nodes, "bad", [value("x", TensorProto.FLOAT, [1, 4, 8, 8])],
                                  [value("y", TensorProto.FLOAT, [1, 4, 8, 8])])
        path = self.folder / "ops.onnx"
        onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)]), str(path))
        said = self.refused_import(path, lines=3)
        for name, op in (("first_bad", "LSTM"), ("second_bad", "Sin"), ("third_bad", "NonZero")):
            self.assertRegex(said, rf"(?m)^.*{name}.*{op}|^.*{op}.*{name}")


class BadBundle(Case):
    def setUp(self) -> None:
        super().setUp()
        self.good = self.compile(LENET)
        self.bad = self.folder / "bad.fb"
        np.save(self.folder / "in.npy", random_image((1, 1, 28, 28)))

    def refused_run(self, bundle: Path, *flags: str) -> str:
        return self.refuse("lcp-run", bundle, f"--input={self.folder / 'in.npy'}", *flags)

    def test_truncated_or_empty(self) -> None:
        data = self.good.read_bytes()
        for size in (0, 3, 64, len(data) // 3, len(data) - 1):
            self.bad.write_bytes(data[:size])
            self.assertIn("bad.fb", self.refused_run(self.bad))

    def test_missing(self) -> None:
        self.assertIn("absent.fb", self.refused_run(self.folder / "absent.fb"))

    def test_every_bit_flip_is_refused(self) -> None:
        data = self.good.read_bytes()
        random = np.random.default_rng(5)
        for position in [0, 4, *random.choice(len(data), 60, replace=False)]:
            flipped = bytearray(data)
            flipped[position] ^= 1 << int(random.integers(8))
            self.bad.write_bytes(flipped)
            with self.subTest(position=int(position)):
                self.refused_run(self.bad)

    def test_wrong_input(self) -> None:
        for name, image in {"shape": random_image((1, 1, 27, 28)), "rank": random_image((28, 28, 1)),
                            "type": random_image((1, 1, 28, 28)).astype(np.float64)}.items():
            with self.subTest(name):
                np.save(self.folder / "in.npy", image)
                self.refused_run(self.good)

    def test_input_that_is_no_array(self) -> None:
        (self.folder / "in.npy").write_bytes(b"\x93NUMPY rubbish")
        self.assertIn("in.npy", self.refused_run(self.good))

    def test_absent_input(self) -> None:
        self.assertIn("none.npy", self.refuse("lcp-run", self.good, f"--input={self.folder / 'none.npy'}"))

    def test_port_in_use(self) -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            self.assertIn(str(port), self.refuse("lcp-run", f"--serve=127.0.0.1:{port}", self.good))

    def test_address_off_loopback_without_tls(self) -> None:
        said = self.refuse("lcp-run", "--serve=0.0.0.0:0", "--allow-unsigned", self.good)
        self.assertIn("--tls", said)


class BadFlags(Case):
    def test_unknown_target(self) -> None:
        said = self.refuse("lcp-compile", "--target=abacus", LENET, "-o", self.folder / "x.fb")
        self.assertIn("abacus", said)

    def test_output_that_cannot_be_written(self) -> None:
        self.refuse("lcp-compile", "--target=host", LENET, "-o", self.folder / "no/such/folder/x.fb")


if __name__ == "__main__":
    unittest.main()
