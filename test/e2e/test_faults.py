"""Workers that die, hang, come back or are not what they should be, while a
coordinator has work for them: what becomes of the answers."""

import json
import signal
import socket
import subprocess
import sys
import time
import unittest
from pathlib import Path

import numpy as np

from lcp import RUN, tool
from workers import MODEL, Workers

try:
    import tritonclient.grpc as triton
except ImportError:
    triton = None

DEADLINE_MS = 4000
PROXY = Path(__file__).resolve().parents[1] / "testbed/proxy.py"


class Fleet(Workers):
    """The model with means for its branches, and a stream of inputs."""

    def setUp(self) -> None:
        super().setUp()
        self.inputs = np.random.default_rng(2).normal(size=(400, 8)).astype(np.float32)
        self.inputs_file = self.folder / "inputs.npy"
        np.save(self.inputs_file, self.inputs)
        self.succeed("lcp-compile", "--target=host", "--per-branch", f"--calibrate={self.inputs_file}", MODEL,
                     "-o", self.bundle)

    def fleet(self, workers: list[tuple[str, str]]) -> Path:
        """A cluster file of (address, branches)."""
        path = self.folder / "fleet.yaml"
        path.write_text("workers:\n" + "".join(f"  - address: {address}\n    branches: {branches}\n"
                                               for address, branches in workers))
        return path

    def outputs(self, *flags: str | Path, inputs: Path | None = None) -> np.ndarray:
        out = self.folder / "outputs.npy"
        self.succeed("lcp-run", self.bundle, f"--input={inputs or self.inputs_file}", f"--output={out}", *flags)
        return np.load(out)

    def stream(self, cluster: Path, count: int, *flags: str) -> subprocess.Popen:
        """A coordinator at work on many inputs."""
        many = self.folder / "many.npy"
        np.save(many, np.resize(self.inputs, (count, 8)))
        command = [RUN, self.bundle, f"--cluster={cluster}", f"--deadline-ms={DEADLINE_MS}", f"--input={many}",
                   f"--output={self.folder / 'many-out.npy'}", "--json", *flags]
        run = subprocess.Popen([str(c) for c in command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True)
        self.addCleanup(run.kill)
        return run


class Faults(Fleet):
    def test_what_is_done_is_kept_when_a_worker_dies(self) -> None:
        addresses = self.two_workers()
        alone = self.outputs()
        run = self.stream(self.fleet(list(zip(addresses, ("[0]", "[1]")))), 400000)
        time.sleep(1.5)
        self.assertIsNone(run.poll(), run.stderr)
        self.servers[1].kill()
        out, said = run.communicate(timeout=60)
        self.assertEqual(1, run.returncode, said)
        self.assertRegex(said, rf"^lcp-run: error: inference \d+ of 400000, after \d+ answers that are kept: "
                               rf"worker {addresses[1]}: [^\n]+\n$")
        kept = np.load(self.folder / "many-out.npy")
        self.assertIn(f"after {len(kept)} answers", said)
        self.assertGreater(len(kept), 0)
        self.assertTrue(np.array_equal(kept, np.resize(alone, kept.shape)))
        self.assertEqual(len(kept), len(json.loads(out)["branches"]))

    def proxy(self, target: str, **settings: float) -> tuple[str, subprocess.Popen]:
        """The test bed's proxy in front of a worker, and its address."""
        with socket.create_server(("127.0.0.1", 0)) as free:
            address = f"127.0.0.1:{free.getsockname()[1]}"
        proxy = subprocess.Popen([sys.executable, PROXY, address, target, json.dumps(settings)],
                                 stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.addCleanup(proxy.communicate)
        self.addCleanup(proxy.kill)
        self.assertEqual("ok\n", proxy.stdout.readline())
        return address, proxy

    def flipped(self, runs: int, *flags: str | Path) -> list[np.ndarray]:
        """The answers of runs over links that flip a bit in each fiftieth chunk: nothing crashes, nobody hangs, and
        whatever fails says so in a line."""
        workers = self.two_workers(*flags)
        links = [self.proxy(worker, corrupt=0.02, seed=b) for b, worker in enumerate(workers)]
        cluster = self.fleet([(address, f"[{b}]") for b, (address, _) in enumerate(links)])
        answers = []
        for _ in range(runs):
            run = self.stream(cluster, 400, *flags)
            _, said = run.communicate(timeout=60)
            self.assertIn(run.returncode, (0, 1), said)
            if run.returncode == 1:
                self.assertRegex(said, r"^lcp-run: error: [^\n]+\n\Z")
            out = self.folder / "many-out.npy"
            answers += [np.load(out)] if out.exists() else []
            out.unlink(missing_ok=True)
        for _, link in links:
            self.assertGreater(int(link.communicate()[0]), 0, "the link flips nothing")
        straight = self.fleet(list(zip(workers, ("[0]", "[1]"))))
        self.assertTrue(np.array_equal(self.outputs(), self.outputs(f"--cluster={straight}", *flags)))
        return answers

    def test_flipped_bits_on_plain_connections(self) -> None:
        """Those of a tensor's elements are computed with: only TLS would tell."""
        self.assertGreater(sum(map(len, self.flipped(6))), 100)

    def test_flipped_bits_on_tls_connections_are_never_in_an_answer(self) -> None:
        certificates = self.folder / "certs"
        self.succeed("lcp-run", f"--make-certs={certificates}", f"--cluster={self.cluster_file(['127.0.0.1:1'])}")
        alone = self.outputs()
        runs = self.flipped(4, f"--tls={certificates / '127.0.0.1'}")
        self.assertGreater(sum(map(len, runs)), 0)
        for answers in runs:
            self.assertTrue(np.array_equal(answers, alone[:len(answers)]))

    def test_a_replica_takes_over_from_the_dead_and_from_the_hanging(self) -> None:
        alone = self.outputs()
        addresses = self.two_workers() + self.two_workers()
        cluster = self.fleet(list(zip(addresses, ("[0]", "[1]", "[0]", "auto"))))
        for blow in (signal.SIGKILL, signal.SIGSTOP):
            run = self.stream(cluster, 8000)
            time.sleep(0.7)
            self.assertIsNone(run.poll())
            self.servers[0 if blow == signal.SIGKILL else 1].send_signal(blow)
            out, said = run.communicate(timeout=120)
            self.assertEqual(0, run.returncode, said)
            answers = np.load(self.folder / "many-out.npy")
            self.assertTrue(np.array_equal(answers, np.resize(alone, answers.shape)))
            self.assertEqual({(0, 1)}, {tuple(b) for b in json.loads(out)["branches"]})
            # Without any one of them there is still a whole fleet.
            cluster = self.fleet(list(zip(addresses[1:], ("[1]", "[0]", "auto"))))

    def test_degraded_answers_are_those_without_the_branch(self) -> None:
        alone, without = self.outputs(), self.outputs("--degrade", "--without=1")
        self.assertFalse(np.array_equal(alone, without))
        addresses = self.two_workers()
        cluster = self.fleet(list(zip(addresses, ("[0]", "[1]"))))
        self.assertTrue(np.array_equal(without, self.outputs(f"--cluster={cluster}", "--degrade", "--without=1")))
        run = self.stream(cluster, 8000, "--degrade")
        time.sleep(0.7)
        self.servers[1].kill()
        out, said = run.communicate(timeout=120)
        self.assertEqual(0, run.returncode, said)
        answers = np.load(self.folder / "many-out.npy")
        branches = json.loads(out)["branches"]
        self.assertEqual(len(answers), len(branches))
        self.assertEqual([0], branches[-1])
        for i, (answer, present) in enumerate(zip(answers, branches)):
            expected = alone if present == [0, 1] else without
            self.assertTrue(np.array_equal(answer, expected[i % 400]), f"{i}: {present}")

    def test_a_bundle_without_means_says_how_to_get_them(self) -> None:
        self.succeed("lcp-compile", "--target=host", MODEL, "-o", self.bundle)
        said = self.refuse("lcp-run", self.bundle, "--degrade", f"--input={self.input_file}")
        self.assertIn("compile the model with lcp-compile --calibrate=FILE", said)

    def test_strangers_in_the_fleet_are_not_used(self) -> None:
        other = self.folder / "other.mlir"
        other.write_text(MODEL.read_text().replace("dense<0.25>", "dense<0.75>"))
        self.succeed("lcp-compile", "--target=host", other, "-o", self.folder / "other.fb")
        wrong = self.serve(bundle=self.folder / "other.fb")[0]
        hole = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(hole.close)
        black_hole = f"127.0.0.1:{hole.getsockname()[1]}"
        addresses = self.two_workers()
        cluster = self.fleet([(wrong, "[0]"), (black_hole, "auto"), *zip(addresses, ("[0]", "[1]"))])
        done = tool("lcp-run", self.bundle, f"--cluster={cluster}", f"--input={self.inputs_file}",
                    f"--output={self.folder / 'outputs.npy'}")
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertTrue(np.array_equal(np.load(self.folder / "outputs.npy"), self.outputs()))
        warnings = done.stderr.splitlines()
        self.assertEqual(2, len(warnings), done.stderr)
        self.assertIn(f"worker {wrong} serves two-stages.s0.b0 from another bundle", warnings[0])
        self.assertIn(f"worker {black_hole} cannot be reached", warnings[1])


@unittest.skipUnless(triton, "tritonclient is not installed")
class Rejoin(Fleet):
    """A coordinator that serves goes on while its workers come and go."""

    def setUp(self) -> None:
        super().setUp()
        self.alone = self.run_bundle(self.bundle, self.input)
        self.without = self.run_bundle(self.bundle, self.input, "--degrade", "--without=1")
        self.addresses = self.two_workers()
        cluster = self.fleet(list(zip(self.addresses, ("[0]", "[1]"))))
        address, _ = self.serve(f"--cluster={cluster}", "--degrade", "--deadline-ms=2000")
        self.client = triton.InferenceServerClient(address)
        self.addCleanup(self.client.close)
        self.assertTrue(np.array_equal(self.alone, self.answer()))

    def answer(self) -> np.ndarray:
        """The answer must be that without the branches that it says it is without."""
        tensor = triton.InferInput("x", [1, 8], "FP32")
        tensor.set_data_from_numpy(self.input)
        result = self.client.infer("two-stages", [tensor])
        missing = result.get_response().parameters["lcp_missing"].string_param
        self.assertTrue(np.array_equal(result.as_numpy("y"), {"": self.alone, "1": self.without}[missing]))
        return result.as_numpy("y")

    def seconds_until(self, expected: np.ndarray) -> float:
        start = time.monotonic()
        while not np.array_equal(expected, self.answer()):
            self.assertLess(time.monotonic() - start, 30)
        return time.monotonic() - start

    def test_the_dead_are_noticed_at_once_and_back_within_a_second(self) -> None:
        self.servers[1].kill()
        noticed = self.seconds_until(self.without)
        self.serve("--branch=1", at=self.addresses[1])
        back = self.seconds_until(self.alone)
        print(f"noticed after {noticed * 1e3:.1f} ms, back after {back * 1e3:.0f} ms")
        # On a machine that does nothing else: 20 ms and 1 s.
        self.assertLess(noticed, 1)
        self.assertLess(back, 3)

    def test_the_hanging_cost_one_deadline(self) -> None:
        self.servers[1].send_signal(signal.SIGSTOP)
        self.assertLess(self.seconds_until(self.without), 3)
        start = time.monotonic()
        self.answer()
        self.assertLess(time.monotonic() - start, 1)  # it is known now
        self.servers[1].send_signal(signal.SIGCONT)
        self.assertLess(self.seconds_until(self.alone), 5)


if __name__ == "__main__":
    unittest.main()
