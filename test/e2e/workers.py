"""Worker processes for tests, of a small model with two stages."""

import subprocess
from pathlib import Path

import numpy as np

from lcp import RUN, Case, random_image

MODEL = Path(__file__).parent / "Inputs/two-stages.mlir"


class Workers(Case):
    """A test with the model compiled, and workers that end with it."""

    def setUp(self) -> None:
        super().setUp()
        self.bundle = self.folder / "two-stages.fb"
        self.succeed("lcp-compile", "--target=host", "--per-branch", MODEL, "-o", self.bundle)
        self.input = random_image((1, 8))
        self.input_file = self.folder / "in.npy"
        np.save(self.input_file, self.input)
        self.servers: list[subprocess.Popen] = []
        self.addCleanup(self.stop)

    def stop(self) -> None:
        for server in self.servers:
            server.kill()
            server.communicate()

    def serve(self, *flags: str | Path, bundle: Path | None = None, at: str = "127.0.0.1:0",
              prefix: tuple[str, ...] = ()) -> tuple[str, list[str]]:
        """Starts a server; its address and the names of its models."""
        command = [*prefix, RUN, f"--serve={at}", bundle or self.bundle, *flags]
        server = subprocess.Popen([str(c) for c in command], stdin=subprocess.DEVNULL,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.servers.append(server)
        ready = server.stdout.readline()
        self.assertRegex(ready, r"^ready \S+:\d+( \S+)+$", server.poll() is not None and server.stderr.read())
        address, *models = ready.split()[1:]
        return address, models

    def cluster_file(self, addresses: list[str]) -> Path:
        path = self.folder / "cluster.yaml"
        path.write_text("workers:\n" + "".join(f"  - address: {a}\n" for a in addresses))
        return path

    def two_workers(self, *flags: str | Path) -> list[str]:
        return [self.serve(f"--branch={b}", *flags)[0] for b in range(2)]

    def refused(self, cluster: Path, *flags: str | Path, lines: int = 1) -> str:
        return self.refuse("lcp-run", self.bundle, f"--cluster={cluster}", f"--input={self.input_file}", *flags,
                           lines=lines)
