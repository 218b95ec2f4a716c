"""What the compiler's report predicts of the coordinator's cable is what that carries."""

import json
import sys
import unittest
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[n]) for n in (0, 1)] + \
    [str(Path(__file__).resolve().parents[1] / folder) for folder in ("e2e", "models")]

import build  # noqa: E402
import photograph  # noqa: E402
from lcp import RUN, Case  # noqa: E402
from testbed import Bed, Counters, Link, certificates, missing  # noqa: E402

BRANCHES, INFERENCES = 4, 40
FORMS = {"LCP": ("--lcp-split=4",),
         "model parallel": ("--lcp-plan-split=factor=4 merge=concat", "--lcp-split-widths"),
         "pairs": ("--lcp-plan-split=factor=4 merge=concat cut=column-row", "--lcp-split-widths")}
IMAGE = "--image=mean=123,117,104,scale=0.017"


@unittest.skipIf(missing(), missing())
class BytesOnWire(Case):
    """ResNet-18 made small, on four devices with a cable each."""

    def setUp(self) -> None:
        super().setUp()
        model = self.folder / "small.onnx"
        build.make("resnet18", model, width=0.125, image=64, classes=10)
        self.module = self.imported(model)
        self.image = photograph.make(self.folder / "image.jpg", 64)
        self.bed = Bed(BRANCHES, Link.of_device("rpi4", "switch"))
        self.addCleanup(self.bed.remove)
        self.tls = certificates.make(self.folder / "tls", self.bed)
        self.cluster = self.folder / "cluster.yaml"
        self.cluster.write_text("workers:\n" + "".join(f"  - address: {d.address}\n" for d in self.bed.devices))

    def compiled(self, form: str) -> tuple[Path, int, list[int]]:
        """The bundle for this machine, what the report for a Raspberry Pi 4 says of the cable, and
        the parallel stages."""
        divided = self.optimised(self.module, "--lcp-simplify", *FORMS[form], suffix=form.replace(" ", "-"))
        bundle, report = divided.with_suffix(".fb"), divided.with_suffix(".json")
        self.succeed("lcp-compile", "--target=rpi4", IMAGE, f"--input-bytes={self.image.stat().st_size}", divided,
                     "-o", bundle, f"--report={report}")
        self.succeed("lcp-compile", "--target=host", IMAGE, divided, "-o", bundle)
        said = json.loads(report.read_text())
        coordinator = said["devices"][-1]
        stages = [step["stage"] for step in said["steps"] if step.get("parallel")]
        return bundle, coordinator["wire_bytes_in"] + coordinator["wire_bytes_out"], stages

    def carried(self, bundle: Path, inferences: int) -> Counters:
        before = self.bed.coordinator.counters()
        done = self.bed.coordinator.run(RUN, bundle, f"--cluster={self.cluster}", f"--tls={self.tls}", f"--input={self.image}",
                                        "--benchmark", "--warmup=0", "--min-time=0", f"--iterations={inferences}", "--json")
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertEqual(inferences, json.loads(done.stdout)["benchmark"]["runs"])
        return self.bed.coordinator.counters() - before

    def test_every_form(self) -> None:
        for form in FORMS:
            with self.subTest(form):
                bundle, predicted, stages = self.compiled(form)
                # One that is over in no time is answered together with the next.
                paces = [f"--pace={','.join(f's{s}.b{b}=3' for s in stages)}" for b in range(BRANCHES)]
                workers = [device.start(RUN, f"--serve={device.inner_address}", bundle, f"--branch={b}", f"--tls={self.tls}",
                                        "--threads=1", paces[b], stdout=-1, stderr=-1) for b, device in enumerate(self.bed.devices)]
                for worker in workers:
                    self.assertRegex(worker.stdout.readline(), r"^ready ")
                # Connecting is in both.
                more = self.carried(bundle, INFERENCES + 1) - self.carried(bundle, 1)
                for worker in workers:
                    worker.terminate()
                    worker.communicate(timeout=20)
                total = (more.sent_bytes + more.received_bytes) / INFERENCES
                self.assertAlmostEqual(1, total / predicted, delta=0.03)


if __name__ == "__main__":
    unittest.main()
