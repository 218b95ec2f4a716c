"""Inferences by real processes while workers are killed, stopped, restarted, cut off, filled up
and given wrong bundles."""

import sys
import time
import unittest
from collections.abc import Callable
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1]), str(Path(__file__).resolve().parents[1] / "e2e")]

from lcp import FULL  # noqa: E402
from testbed import missing  # noqa: E402
from testbed.accidents import Accidents, Worker  # noqa: E402
from testbed.answers import Answers  # noqa: E402
from testbed.faulty_fleet import FaultyFleet  # noqa: E402

COUNT = 5000 if FULL else 600
SEED = 10


@unittest.skipIf(missing(), missing())
class RandomFaults(FaultyFleet):
    def test_none_hangs_and_none_is_wrong(self) -> None:
        """Of two coordinators one answers with what it has, the other wants everything. Half of
        1,200 inferences each, or of 10,000 with --full: they end in time in the right answer, the
        right answer without the branches that it names, or an error with a type."""
        addresses = [self.coordinate(4, "--degrade"), self.coordinate(4)]
        begun = time.monotonic()
        clients = [self.ask(address, COUNT, at_a_time=6, pace=0.01) for address in addresses]
        accidents = Accidents(self.workers, SEED, every=0.25, longest=0.8)
        accidents.happen_until(lambda: all(client.poll() is not None for client in clients))
        degrading, strict = map(self.answers, clients)
        print(f"{accidents.counts.total()} accidents in {time.monotonic() - begun:.0f} s: {dict(accidents.counts)}\n"
              f"degrading: {degrading.summary()}\n{degrading.examples()}"
              f"strict: {strict.summary()}\n{strict.examples()}")
        for answers in (degrading, strict):
            self.assert_kept(answers)
            self.assertEqual(COUNT, len(answers.all))
            self.assertGreater(answers.full, COUNT / 2)
        self.assertGreater(accidents.counts.total(), 0)
        if FULL:  # a short run may meet none of those that cost a branch
            self.assertGreater(degrading.degraded, 0)
        self.assertEqual(0, strict.degraded)
        time.sleep(1.5)  # and all are back
        for address in addresses:
            self.assertEqual(100, self.answers(self.ask(address, 100, at_a_time=6, pace=0)).full)


@unittest.skipIf(missing(), missing())
class OneFault(FaultyFleet):
    """What happens to one of two workers: a coordinator that has only these degrades, one that has
    spares as well takes them."""

    # Seconds, the first in the best of three: processes of a busy machine end late.
    NOTICED, BACK = 0.02, 1.0

    def setUp(self) -> None:
        super().setUp()
        self.addresses = [self.coordinate(2, "--degrade"), self.coordinate(4)]

    def during(self, strike: Callable[[Worker], Callable[[], None]], *lasts: float) -> tuple[Answers, list, list]:
        """What the one that degrades answers, when it happened, and when it was over."""
        clients = [self.ask(address, 10000, at_a_time=2, pace=0.005) for address in self.addresses]
        time.sleep(0.7)
        struck, mended = [], []
        for seconds in lasts:
            struck.append(time.monotonic())
            mend = strike(self.workers[1])
            time.sleep(seconds)
            mend()
            mended.append(time.monotonic())
            time.sleep(1.1)
        for client in clients:
            client.kill()
            client.wait()
        few, many = (Answers(client.answers) for client in clients)
        print(f"{strike.__name__}, of two: {few.summary()}\n{strike.__name__}, of four: {many.summary()}")
        for answers in (few, many):
            self.assert_kept(answers)
        self.assertEqual({"full", "without 1"}, set(few.verdicts))
        self.assertEqual({"full"}, set(many.verdicts))
        return few, struck, mended

    def test_every_answer_comes_in_time(self) -> None:
        for strike in (Worker.hang, Worker.fall_silent, Worker.lose_cable):
            with self.subTest(strike.__name__):
                self.during(strike, 1.2)

    def test_a_killed_worker_is_noticed_and_comes_back(self) -> None:
        few, struck, mended = self.during(self.kill, 0.3, 0.3, 2.0)
        noticed = [few.first("without 1", since).ended - since for since in struck]
        back = [few.first("full", since).ended - since for since in mended]
        print(f"noticed after {[round(1e3 * s, 1) for s in noticed]} ms, back after {[round(1e3 * s) for s in back]} ms")
        self.assertLess(min(noticed), self.NOTICED)
        self.assertLess(max(back), self.BACK)

    @staticmethod
    def kill(worker: Worker) -> Callable[[], None]:
        start = worker.die()

        def mend() -> None:
            start()
            worker.hear_ready()

        return mend


if __name__ == "__main__":
    unittest.main()
