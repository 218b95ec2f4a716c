"""lcp-run --trace: one inference over all machines, as Perfetto opens it."""

import json
import subprocess

from workers import Workers

# Its steady clock is another one's, as on a machine that booted at another time.
ELSEWHEN = ("unshare", "--time", "--monotonic", "5000", "--fork", "--kill-child")
MS = 1000  # of a trace's microseconds


class Trace(Workers):
    def trace(self, *flags: str) -> dict[tuple[str, str], list[dict]]:
        """The spans of a run, by machine and lane."""
        path = self.folder / "trace.json"
        self.run_bundle(self.bundle, self.input, f"--trace={path}", *flags)
        events = json.loads(path.read_text())["traceEvents"]
        self.assert_opens(events)
        names = {(e["name"], e["pid"], e["tid"]): e["args"]["name"] for e in events if e["ph"] == "M"}
        lanes: dict[tuple[str, str], list[dict]] = {}
        for event in events:
            if event["ph"] == "X":
                place = (names["process_name", event["pid"], 0], names["thread_name", event["pid"], event["tid"]])
                lanes.setdefault(place, []).append(event)
        return lanes

    def assert_opens(self, events: list[dict]) -> None:
        """What the Trace Event format and Perfetto's importer ask: it leaves out a complete event that begins within
        another of its thread and ends after it, in whole nanoseconds; outer ones come first."""
        named = set()
        open_until: dict[tuple[int, int], list[int]] = {}
        for event in events:
            self.assertIn(event["ph"], "MX")
            self.assertTrue(event["name"] and isinstance(event["args"], dict), event)
            process, thread = event["pid"], event["tid"]
            self.assertTrue(isinstance(process, int) and isinstance(thread, int), event)
            if event["ph"] == "M":
                self.assertIn(event["name"], ("process_name", "thread_name"))
                self.assertTrue(event["args"]["name"])
                named.add((event["name"], process, thread))
                continue
            self.assertTrue({("process_name", process, 0), ("thread_name", process, thread)} <= named, event)
            begin, nanoseconds = round(1000 * event["ts"]), round(1000 * event["dur"])
            end = begin + nanoseconds
            self.assertTrue(begin >= 0 and nanoseconds >= 0, event)
            stack = open_until.setdefault((process, thread), [])
            while stack and stack[-1] <= begin:
                stack.pop()
            self.assertTrue(not stack or end <= stack[-1], f"overlaps another: {event}")
            stack.append(end)

    def test_here(self) -> None:
        lanes = self.trace()
        self.assertEqual({("this machine", "inferences"), ("this machine", "steps")}, set(lanes))
        (whole,), steps = lanes["this machine", "inferences"], lanes["this machine", "steps"]
        self.assertEqual(["stage 0", "stage 1", "merge", "stage 2"], [s["name"] for s in steps])
        for before, after in zip([whole, *steps], steps):
            self.assertGreaterEqual(after["ts"], before["ts"])
        self.assertLessEqual(steps[-1]["ts"] + steps[-1]["dur"], whole["ts"] + whole["dur"] + 1)

    def test_workers(self) -> None:
        shifts = subprocess.run([*ELSEWHEN, "true"], capture_output=True).returncode == 0
        pace = {0: 40, 1: 20}
        addresses = [self.serve(f"--branch={b}", "--pace=" + ",".join(f"s{s}.b{b}={pace[s]}" for s in pace),
                                prefix=ELSEWHEN if shifts and b == 1 else ())[0] for b in range(2)]
        for relay in (False, True):
            with self.subTest(relay=relay):
                self.check_workers(addresses, pace, relay)

    def check_workers(self, addresses: list[str], pace: dict[int, int], relay: bool) -> None:
        """Over the coordinator a stage's calls are made in its step; calls of workers that exchange
        values among themselves are made all at once."""
        lanes = self.trace(f"--cluster={self.cluster_file(addresses)}", *(["--relay"] if relay else []))
        steps = {s["name"]: s for s in lanes.pop(("this machine", "steps"))}
        lanes.pop(("this machine", "inferences"))
        self.assertEqual({"stage 0, elsewhere", "stage 1, elsewhere", "merge", "stage 2"}, set(steps))
        self.assertEqual({(address, f"two-stages.s{s}.b{b}") for b, address in enumerate(addresses) for s in pace},
                         set(lanes))
        for (_, model), spans in lanes.items():
            stage = int(model[-4])
            by_name = {span["name"]: span for span in spans}
            call, compute = by_name["call"], by_name["compute"]
            first, last = (steps[f"stage {s}, elsewhere"] for s in ((stage, stage) if relay else (0, 1)))
            self.assertTrue(first["ts"] <= call["ts"] and call["ts"] + call["dur"] <= last["ts"] + last["dur"])
            self.assertGreater(compute["dur"], 0.9 * pace[stage] * MS)
            self.assertTrue(call["ts"] <= compute["ts"] and
                            compute["ts"] + compute["dur"] <= call["ts"] + call["dur"] + 1, (call, compute))

    def test_a_worker_that_is_lost(self) -> None:
        """What was recorded is written all the same."""
        addresses = self.two_workers("--pace=s0.b0=1,s0.b1=1500")
        path = self.folder / "trace.json"
        self.refused(self.cluster_file(addresses), f"--trace={path}", "--deadline-ms=1000", lines=1)
        self.assertIn("failed inference", path.read_text())
