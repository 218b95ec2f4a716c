"""A coordinator that is one of its devices: it computes its branches itself."""

import json
import re
import unittest

import numpy as np

from lcp import random_image, tool
from workers import Workers


class LocalDevice(Workers):
    def with_local(self, *addresses: str, branches: str = "auto") -> str:
        path = self.cluster_file(list(addresses))
        path.write_text(path.read_text() + f"  - address: local\n    branches: {branches}\n")
        return f"--cluster={path}"

    def test_it_answers_like_one_process(self) -> None:
        images = random_image((50, 8))
        alone = self.run_bundle(self.bundle, images)
        address = self.serve("--branch=0")[0]
        for cluster in (self.with_local(address), self.with_local(address, branches="[1]"), self.with_local_only()):
            self.assertTrue(np.array_equal(alone, self.run_bundle(self.bundle, images, cluster)))

    def with_local_only(self) -> str:
        path = self.folder / "alone.yaml"
        path.write_text("workers:\n  - address: local\n")
        return f"--cluster={path}"

    def test_nothing_is_sent_for_it(self) -> None:
        def traffic(cluster: str) -> dict[str, int]:
            done = self.succeed("lcp-run", self.bundle, cluster, "--relay", "--benchmark", "--min-time=0.1", "--json")
            return json.loads(done.stdout)["traffic"]

        addresses = self.two_workers()
        both = traffic(f"--cluster={self.cluster_file(addresses)}")
        mixed = traffic(self.with_local(addresses[0], branches="[1]"))
        self.assertAlmostEqual(both["sent_bytes"] / 2, mixed["sent_bytes"], delta=16)
        self.assertEqual({"sent_bytes": 0, "received_bytes": 0}, traffic(self.with_local_only()))

    def test_it_stands_in_for_a_worker_that_is_gone(self) -> None:
        addresses = self.two_workers()
        cluster = self.with_local(*addresses)
        self.servers[1].kill()
        self.servers[1].wait()
        alone = self.run_bundle(self.bundle, self.input)
        self.assertTrue(np.array_equal(alone, self.run_bundle(self.bundle, self.input, cluster)))

    def test_certificates_and_doctor(self) -> None:
        cluster = self.with_local(self.serve("--branch=0")[0], branches="[1]")
        self.succeed("lcp-run", f"--make-certs={self.folder / 'certs'}", cluster)
        self.assertEqual({"authority", "coordinator", "127.0.0.1"}, {p.name for p in (self.folder / "certs").iterdir()})
        said = self.succeed("lcp-run", "--doctor", cluster, self.bundle).stdout
        self.assertTrue(re.search(r"(?m)^  computes     branch 1$", said), said)

    def test_it_needs_its_branches(self) -> None:
        cluster = self.with_local(self.serve("--branch=0")[0], branches="[1]")
        part = self.folder / "two-stages.b0.fb"
        said = self.refuse("lcp-run", part, cluster, f"--input={self.input_file}")
        self.assertIn("cluster.yaml:3: branch s0.b1 is not in this bundle", said)
        done = tool("lcp-run", part, cluster, "--doctor")
        self.assertEqual(1, done.returncode, done.stdout)
        self.assertRegex(done.stdout, "^this machine\n(.*\n)*  to mend      the cluster file gives it branch 1, which this "
                                      "file leaves out: take the whole bundle, or that branch's\n")
        stray = self.with_local(self.serve("--branch=0")[0], branches="[7]")
        said = self.refuse("lcp-run", self.bundle, stray, f"--input={self.input_file}")
        self.assertIn("cluster.yaml:3: there is no branch 7", said)
        self.assertIn("gives it branch 7", tool("lcp-run", self.bundle, stray, "--doctor").stdout)


if __name__ == "__main__":
    unittest.main()
