"""Values go from worker to worker, over mutual TLS: the answers of every form in stages are
those of one process, and the coordinator carries the input and the answer."""

import json
import subprocess
import time
import unittest
from pathlib import Path

import numpy as np

from lcp import RUN, build, random_image
from workers import Workers

FORMS = (
    ("model parallel", "--lcp-plan-split=factor=2 merge=concat|--lcp-split-widths"),
    ("column and row paired", "--lcp-plan-split=factor=2 cut=column-row|--lcp-split-widths"),
    ("all joins kept", "--lcp-split=factor=2 keep-every=1"),
    ("tree", "--lcp-split=factor=2 keep-first=2"),
    ("pipeline", "--lcp-split-layers=2"),
)
# Messages without their tensors: a call is named, described and told whom to push to.
CALL_BYTES = 1000


class Exchange(Workers):
    def setUp(self) -> None:
        super().setUp()
        model = self.folder / "lenet.onnx"
        self.input = random_image(build.make_narrow("lenet", model))
        np.save(self.input_file, self.input)
        self.module = self.imported(model)

    def divide(self, flags: str, suffix: str = "divided") -> Path:
        self.bundle = self.compile(self.optimised(self.module, *flags.split("|"), suffix=suffix))
        self.expected = self.run_bundle(self.bundle, self.input)
        return self.bundle

    def tls(self) -> Path:
        """The folder of the certificates: 'coordinator', and one for all workers, on loopback."""
        cluster = self.folder / "machines.yaml"
        cluster.write_text("workers:\n  - address: 127.0.0.1:1\n")
        self.succeed("lcp-run", f"--make-certs={self.folder / 'certs'}", f"--cluster={cluster}")
        return self.folder / "certs"

    def fleet(self, *flags: str) -> Path:
        return self.cluster_file([self.serve(f"--branch={b}", *flags)[0] for b in range(2)])

    def ask(self, cluster: Path, *flags: str) -> tuple[np.ndarray, dict, str]:
        out = self.folder / "out.npy"
        done = self.succeed("lcp-run", self.bundle, f"--input={self.input_file}", f"--output={out}",
                            f"--cluster={cluster}", *flags)
        bench = self.succeed("lcp-run", self.bundle, f"--cluster={cluster}", "--benchmark", "--json", "--warmup=1",
                             "--iterations=3", "--min-time=0", *flags)
        return np.load(out), json.loads(bench.stdout)["traffic"], done.stderr + bench.stderr

    def stages(self) -> list[dict]:
        about = json.loads(self.succeed("lcp-dump", self.bundle, "--json").stdout)
        return [step for step in about["steps"] if "branches" in step]

    def test_every_form_answers_as_one_process(self) -> None:
        certs = self.tls()
        worker, own = f"--tls={certs / '127.0.0.1'}", f"--tls={certs / 'coordinator'}"
        for number, (name, flags) in enumerate(FORMS):
            with self.subTest(form=name):
                self.divide(flags, str(number))
                cluster = self.fleet(worker)
                direct, traffic, _ = self.ask(cluster, own)
                relayed, more, _ = self.ask(cluster, own, "--relay")
                self.assertTrue(np.array_equal(self.expected, direct))
                self.assertTrue(np.array_equal(self.expected, relayed))
                stages = self.stages()
                calls = sum(len(stage["branches"]) for stage in stages if stage["parallel"])
                first = len(stages[0]["branches"])
                if not any(stage["parallel"] is False for stage in stages[:-1]):
                    self.assertLess(traffic["sent_bytes"], first * self.input.nbytes + calls * CALL_BYTES)
                self.assertLess(traffic["received_bytes"] - calls * CALL_BYTES, more["received_bytes"])

    def test_a_worker_that_takes_no_shards(self) -> None:
        """Its --allow names the coordinator only: values go over that."""
        certs = self.tls()
        self.divide(FORMS[0][1])
        cluster = self.fleet(f"--tls={certs / '127.0.0.1'}", "--allow=coordinator")
        answer, traffic, _ = self.ask(cluster, f"--tls={certs / 'coordinator'}")
        self.assertTrue(np.array_equal(self.expected, answer))
        _, relayed, _ = self.ask(cluster, f"--tls={certs / 'coordinator'}", "--relay")
        self.assertGreater(traffic["sent_bytes"], 0.9 * relayed["sent_bytes"])
        self.servers[0].terminate()
        self.assertIn("may not ask here (--allow)", self.servers[0].communicate(timeout=30)[1])

    def test_a_worker_killed_in_the_middle(self) -> None:
        """With a stream of inputs under way: a whole answer or an error in a line, by the deadline."""
        self.divide(FORMS[0][1])
        addresses = [self.serve(f"--branch={b}")[0] for b in range(2)]
        many = self.folder / "many.npy"
        np.save(many, np.repeat(self.input, 4000, axis=0))
        for spares in (0, 1):
            with self.subTest(spares=spares):
                fleet = [*addresses, *(self.serve()[0] for _ in range(spares))]
                out = self.folder / f"many-{spares}.npy"
                command = [RUN, self.bundle, f"--cluster={self.cluster_file(fleet)}", f"--input={many}",
                           f"--output={out}", "--deadline-ms=3000"]
                stream = subprocess.Popen([str(c) for c in command], stdin=subprocess.DEVNULL,
                                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
                self.addCleanup(stream.kill)
                time.sleep(0.3)
                self.servers[1].kill()
                said = stream.communicate(timeout=120)[1]
                if spares:
                    self.assertEqual(0, stream.returncode, said)
                    self.assertTrue((np.load(out) == self.expected).all())
                else:
                    self.assertNotEqual(0, stream.returncode)
                    self.assertIn(f"worker {addresses[1]}", said)
                self.servers[1].communicate()
                addresses[1] = self.serve("--branch=1")[0]
                self.servers[1] = self.servers.pop()


if __name__ == "__main__":
    unittest.main()
