"""Checks that a report's figures of devices are the sums of their branches',
and those of branches the sums of their layers'."""

import json
import sys
from pathlib import Path

report = json.loads(Path(sys.argv[1]).read_text())
stages = [s["branches"] for s in report["steps"] if s.get("parallel")]
devices = report["devices"][:-1]
assert devices and len(devices) == max(map(len, stages))
for d, device in enumerate(devices):
    branches = [s[d] for s in stages if d < len(s)]
    for key in ("parameters", "macs", "bytes_in", "bytes_out", "code_bytes", "weight_bytes"):
        assert device[key] == sum(b[key] for b in branches), (d, key)
    for key in ("activation_bytes", "arena_bytes"):
        assert device[key] == max(b[key] for b in branches), (d, key)
for stage in stages:
    for branch in stage:
        assert branch["layers"] == stage[branch.get("same_as", stage.index(branch))]["layers"]
        for key in ("parameters", "macs"):
            assert branch[key] == sum(layer[key] for layer in branch["layers"]), key
        assert branch["activation_bytes"] >= max((layer["activation_bytes"] for layer in branch["layers"]), default=0)
coordinator = report["devices"][-1]
for one, all_ in (("in", "out"), ("out", "in")):
    own = sum(value["bytes"] for value in report[f"{one}puts"])
    assert coordinator[f"bytes_{one}"] == own + sum(d[f"bytes_{all_}"] for d in devices)
assert report["one_device"]["macs"] == coordinator["macs"] + sum(d["macs"] for d in devices)
