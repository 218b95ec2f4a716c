"""lcp-deploy against sshd on three devices: install, update, a device that computes something
else, power cuts, rollback. And what it writes for systemd and Kubernetes."""

import os
import random
import shutil
import subprocess
import sys
import time
import unittest
import unittest.mock
from collections import Counter
from pathlib import Path

import kubernetes_validate
import numpy as np
import yaml

from fleet import DEPLOY, Fleet, environment, kill, running_version, spoil_golden, why_not
from lcp import FULL, ROOT, RUN, Case, random_image, tool
from workers import MODEL

sys.path.insert(0, str(ROOT / "tools"))
from lcp_deploy import release, runtimes  # noqa: E402
from lcp_deploy.cluster import Worker  # noqa: E402
from lcp_deploy.errors import Problem  # noqa: E402

PORT = 9000


class Bundles(Case):
    def setUp(self) -> None:
        super().setUp()
        patch = unittest.mock.patch.dict(os.environ, environment())
        patch.start()
        self.addCleanup(patch.stop)
        self.input = self.folder / "in.npy"
        np.save(self.input, random_image((1, 8)))

    def compiled(self, name: str, weight: str = "0.25", golden: bool = True) -> Path:
        """The two branches, with golden outputs; `weight` is one of branch 1."""
        model = self.folder / f"{name}.mlir"
        model.write_text(MODEL.read_text().replace("dense<0.25>", f"dense<{weight}>"))
        bundle = self.folder / f"{name}.fb"
        flags = [f"--golden={self.input}"] if golden else []
        self.succeed("lcp-compile", "--target=host", "--per-branch", *flags, model, "-o", bundle)
        return bundle

    def answer(self, bundle: Path, *flags: str | Path, prefix: list[str] | None = None) -> np.ndarray:
        out = self.folder / "out.npy"
        out.unlink(missing_ok=True)
        self.succeed("lcp-run", bundle, f"--input={self.input}", f"--output={out}", *flags, prefix=prefix or [])
        return np.load(out)


@unittest.skipIf(why_not(), why_not())
class Devices(Bundles):
    """The third device is a spare that has the whole bundle."""

    def setUp(self) -> None:
        super().setUp()
        self.fleet = Fleet(self.folder, 3)
        self.addCleanup(self.fleet.remove)
        self.cluster = self.folder / "cluster.yaml"
        workers = [{"address": f"{address}:{PORT}", **({"branches": [i]} if i < 2 else {})}
                   for i, address in enumerate(self.fleet.addresses)]
        self.cluster.write_text(yaml.safe_dump({"workers": workers}))
        # Without the spare, which is asked for nothing.
        self.asked = self.folder / "asked.yaml"
        self.asked.write_text(yaml.safe_dump({"workers": workers[:2]}))
        self.certs = self.folder / "certs"
        self.succeed("lcp-run", f"--make-certs={self.certs}", f"--cluster={self.cluster}")
        self.bundles = [self.compiled("old"), self.compiled("new", "0.75")]

    def deploy(self, *arguments: str | Path) -> str:
        done = self.fleet.deploy(self.cluster, f"--runtime={RUN}", *arguments)
        self.assertEqual(0, done.returncode, done.stderr)
        return done.stdout

    def assert_serves(self, bundle: Path) -> None:
        together = self.answer(bundle, f"--cluster={self.asked}", f"--tls={self.certs / 'coordinator'}",
                               prefix=self.fleet.inside())
        self.assertTrue(np.array_equal(self.answer(bundle), together))

    def versions(self) -> list[str]:
        return [running_version(disk) for disk in self.fleet.disks]

    def test_install_update_and_roll_back(self) -> None:
        old, new = self.bundles
        said = self.deploy(old, f"--certs={self.certs}")
        self.assertIn("old.b1.fb", said)
        self.assert_serves(old)
        first = self.versions()
        self.assertEqual(1, len(set(first)))
        self.assertIn("is on all devices already", self.deploy(old))
        self.deploy(new)
        self.assert_serves(new)
        self.assertNotEqual(first, self.versions())
        self.deploy("--rollback")
        self.assertEqual(first, self.versions())
        self.assert_serves(old)
        for disk in self.fleet.disks:
            self.assertEqual(2, len(os.listdir(disk / "versions")))
            self.assertEqual(0o600, (disk / "certs/key.pem").stat().st_mode & 0o777)

    def test_a_device_that_computes_something_else(self) -> None:
        old, new = self.bundles
        self.deploy(old, f"--certs={self.certs}")
        before = self.versions()
        spoil_golden(new.with_suffix(".b1.fb"))
        done = self.fleet.deploy(self.cluster, f"--runtime={RUN}", new)
        self.assertEqual(1, done.returncode)
        lines = done.stderr.splitlines()
        self.assertEqual(2, len(lines), done.stderr)
        self.assertRegex(lines[0], rf"{self.fleet.addresses[1]}:{PORT}: output 's1.b1, .*' is not the golden one")
        self.assertIn("all devices stay on the version they have", lines[1])
        self.assertEqual(before, self.versions())
        self.assert_serves(old)

    def test_a_revoked_device_is_refused_without_a_restart(self) -> None:
        self.deploy(self.bundles[0], f"--certs={self.certs}")
        self.assert_serves(self.bundles[0])
        self.succeed("lcp-run", f"--make-certs={self.certs}", "--revoke=coordinator")
        self.assertIn("3 devices", self.fleet.deploy(self.cluster, f"--certs={self.certs}").stdout)
        ask = ("lcp-run", self.bundles[0], f"--cluster={self.asked}", f"--input={self.input}",
               f"--tls={self.certs / 'coordinator'}")
        end = time.monotonic() + 10  # Servers look at their certificates once a second.
        while tool(*ask, prefix=self.fleet.inside()).returncode == 0:
            self.assertLess(time.monotonic(), end)
        self.assertIn("revoked", self.refuse(*ask, prefix=self.fleet.inside(), lines=None))

    def test_power_cuts(self) -> None:
        """At a random point of a deployment everything ends, the deploying machine too."""
        self.deploy(self.bundles[0], f"--certs={self.certs}")
        names = {self.versions()[0]: self.bundles[0]}
        begun = time.monotonic()
        self.deploy(self.bundles[1])
        takes = time.monotonic() - begun
        names[self.versions()[0]] = self.bundles[1]
        chance = random.Random(1)
        outcomes: Counter = Counter()
        for cut in range(50 if FULL else 3):
            deployment = self.fleet.start_deploy(self.cluster, f"--runtime={RUN}", self.bundles[cut % 2])
            time.sleep(chance.uniform(0, takes))
            self.fleet.cut_power()
            kill(deployment)
            for disk in self.fleet.disks:  # As after a deployment from scratch.
                shutil.rmtree(disk / "run", ignore_errors=True)
            self.fleet.boot()
            found = self.versions()
            self.assertLessEqual(set(found), set(names))
            outcomes["mixed" if len(set(found)) > 1 else "new" if names[found[0]] == self.bundles[cut % 2] else "old"] += 1
            for address in self.fleet.addresses:
                self.fleet.wait_for(address, PORT)
            self.deploy(self.bundles[cut % 2])
            self.assertEqual(1, len(set(self.versions())))
            self.assertEqual(self.bundles[cut % 2], names[self.versions()[0]])
        print(f"what the devices came back with after {outcomes.total()} power cuts: {dict(outcomes)}")
        self.assert_serves(self.bundles[cut % 2])

    def test_a_worker_that_does_not_start(self) -> None:
        """Another program has the port: all devices go back, and say so."""
        if not FULL:
            self.skipTest("takes a minute: with --full")
        self.deploy(self.bundles[0], f"--certs={self.certs}")
        before = self.versions()
        moved = self.cluster.with_name("moved.yaml")
        moved.write_text(self.cluster.read_text().replace(f":{PORT}", ":22"))
        done = self.fleet.deploy(moved, f"--runtime={RUN}", self.bundles[1])
        self.assertEqual(1, done.returncode)
        self.assertIn("cannot listen on", done.stderr)
        self.assertIn("all devices went back to the version they had", done.stderr)
        self.assertEqual(before, self.versions())
        self.assert_serves(self.bundles[0])


class Elsewhere(Bundles):
    """What needs no device."""

    def deploy(self, *arguments: str | Path) -> str:
        """Must fail, in one line."""
        done = subprocess.run([sys.executable, str(DEPLOY), *map(str, arguments)], capture_output=True, text=True,
                              env=environment(), stdin=subprocess.DEVNULL)
        self.assertEqual(1, done.returncode, done.stdout)
        self.assertEqual(1, len(done.stderr.splitlines()), done.stderr)
        return done.stderr

    def test_one_line_a_problem(self) -> None:
        nowhere = self.folder / "nowhere.yaml"
        self.assertIn("cannot read the cluster file", self.deploy(nowhere, "--rollback"))
        os.mkfifo(self.folder / "pipe")
        self.assertIn("not a regular file", self.deploy(self.folder / "pipe", "--rollback"))
        nowhere.write_text("workers: 3")
        self.assertIn("not a cluster file", self.deploy(nowhere, "--rollback"))
        nowhere.write_text("workers:\n - address: 127.0.0.1:9\n - address: 127.0.0.1:10\n")
        self.assertIn("has several workers", self.deploy(nowhere, "--rollback"))
        nowhere.write_text("workers:\n - address: host.invalid:9\n")
        self.assertIn("host.invalid:9: ssh: ", self.deploy(nowhere, "--rollback"))
        self.assertIn("a bundle is missing", self.deploy(nowhere))

    def test_bundles_that_would_fail_on_a_device(self) -> None:
        bundle = self.compiled("one")
        worker = Worker("a:1", (1,))
        own = release.choose_bundle(release.read_bundle(bundle), worker)
        self.assertEqual(bundle.with_suffix(".b1.fb"), own.path)
        release.check_bundle(own, worker, os.uname().machine)
        for words, branches, machine in (("has no branch 7", (7,), "x86_64"), ("compiled for", (1,), "pdp11")):
            with self.assertRaisesRegex(Problem, words):
                release.check_bundle(own, Worker("a:1", branches), machine)
        plain = self.compiled("plain", "0.5", golden=False)
        with self.assertRaisesRegex(Problem, "no golden outputs of s0.b0"):
            release.check_bundle(release.read_bundle(plain), Worker("a:1", ()), "x86_64")
        shutil.copy(plain.with_suffix(".b1.fb"), own.path)
        with self.assertRaisesRegex(Problem, "from another compilation"):
            release.choose_bundle(release.read_bundle(bundle), worker)

    def test_runtimes(self) -> None:
        found = runtimes.read(Path(RUN))
        about = {"machine": found.machine, "bits": "64", "glibc": "2.36"}
        self.assertIs(found, runtimes.choose([found], about))
        with self.assertRaisesRegex(Problem, r"needs glibc 2\.\d+, and the device has 2\.1$"):
            runtimes.choose([found], about | {"glibc": "2.1"})
        for machine, bits, words in (("armv7l", "32", "for its processor, armhf: Debian's armhf libraries"),
                                     ("aarch64", "32", "armhf"), ("riscv64", "64", "riscv64: build preset")):
            with self.assertRaisesRegex(Problem, words):
                runtimes.choose([found], about | {"machine": machine, "bits": bits})

    @unittest.skipUnless(shutil.which("systemd-analyze"), "no systemd-analyze here")
    def test_the_unit(self) -> None:
        unit = self.folder / "lcp-worker.service"
        unit.write_text(release.UNIT.replace(f"{release.FOLDER}/current/start", "/bin/true"))
        done = subprocess.run(["systemd-analyze", "verify", unit], capture_output=True, text=True)
        self.assertNotIn("lcp-worker", done.stderr)

    def test_kubernetes(self) -> None:
        bundle = self.compiled("small")
        cluster = self.folder / "cluster.yaml"
        cluster.write_text("workers:\n - address: 10.0.0.1:9\n   branches: [0]\n - address: rpi-2:9\n   branches: [1]\n"
                           " - address: local\n   branches: [1]\n")
        out = self.folder / "k3s"
        arguments = [sys.executable, DEPLOY, cluster, bundle, f"--k3s={out}", f"--runtime={self.self_contained()}"]
        done = subprocess.run([*map(str, arguments)], capture_output=True, text=True, env=environment())
        self.assertEqual(0, done.returncode, done.stderr)
        documents = list(yaml.safe_load_all((out / "workers.yaml").read_text()))
        self.assertEqual(["Namespace", *["Deployment", "Service"] * 2], [d["kind"] for d in documents])
        for document in documents:
            kubernetes_validate.validate(document, "1.31", strict=True)
        self.assertEqual((self.folder / "small.b1.fb").read_bytes(), (out / "worker-1/bundle.fb").read_bytes())
        # The file for the coordinator is one that lcp-run takes.
        self.succeed("lcp-run", f"--make-certs={self.folder / 'certs'}", f"--cluster={out / 'cluster.yaml'}")
        self.assertTrue((self.folder / "certs/worker-1.lcp.svc/cert.pem").exists())
        self.assertFalse((self.folder / "certs/local").exists())
        self.assertEqual({"address": "local", "branches": [1]},
                         yaml.safe_load((out / "cluster.yaml").read_text())["workers"][-1])
        self.refuse_for_kubernetes(cluster, bundle)
        broken = documents[1] | {"spec": documents[1]["spec"] | {"replicas": "one"}}
        with self.assertRaises(kubernetes_validate.ValidationError):
            kubernetes_validate.validate(broken, "1.31", strict=True)

    def refuse_for_kubernetes(self, cluster: Path, bundle: Path) -> None:
        """By what is wrong with the given lcp-run, and without a trace."""
        out = self.folder / "refused"
        self.assertRegex(self.deploy(cluster, bundle, f"--k3s={out}", f"--runtime={RUN}"),
                         r"lcp-run is for \w+, needs glibc [\d.]+; give a self-contained lcp-run")
        self.assertFalse(out.exists())

    def self_contained(self) -> Path:
        """Stands in for a static lcp-run: this one's header, without a loader."""
        data = bytearray(Path(RUN).read_bytes()[:64])
        data[56:58] = b"\0\0"
        path = self.folder / "lcp-run-static"
        path.write_bytes(data)
        return path


if __name__ == "__main__":
    unittest.main()
