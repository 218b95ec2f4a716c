"""What goes to each device: its bundle, its lcp-run, and how to start them."""

import hashlib
import json
import shlex
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from .cluster import Worker
from .errors import Problem
from .remote import FOLDER, Files
from .runtimes import ROOT, Runtime

HERE = Path(__file__).parent
START = """#!/bin/sh
# Made by lcp-deploy. The first line of `ready` names the version, the next what it serves.
cd "$(dirname "$(readlink -f "$0")")"
basename "$PWD" >{folder}/run/ready
exec {command} >>{folder}/run/ready
"""
CHECK = """#!/bin/sh
# Made by lcp-deploy: whether this device computes what the reference does.
cd "$(dirname "$(readlink -f "$0")")"
exec {command}
"""
UNIT = f"""# Made by lcp-deploy.
[Unit]
Description=LCP worker
After=network-online.target
Wants=network-online.target

[Service]
ExecStart={FOLDER}/current/start
Restart=always
RestartSec=1
NoNewPrivileges=yes
CapabilityBoundingSet=
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
ReadWritePaths={FOLDER}/run

[Install]
WantedBy=multi-user.target
"""


@dataclass(frozen=True)
class Bundle:
    path: Path
    identity: str
    # By name ("s0.b2"), what this file holds.
    branches: dict[str, dict]


def dump_tool() -> str:
    built = ROOT / "build/dev/bin/lcp-dump"
    return shutil.which("lcp-dump") or str(built)


def read_bundle(path: Path) -> Bundle:
    try:
        done = subprocess.run([dump_tool(), path, "--json"], capture_output=True, text=True)
    except OSError as error:
        raise Problem(f"lcp-dump: {error.strerror}; build it, or have it on PATH") from None
    if done.returncode:
        raise Problem(done.stderr.strip().removeprefix("lcp-dump: error: "))
    about = json.loads(done.stdout)
    branches = {branch["name"]: branch | {"device": step["first_device"] + index}
                for step in about["steps"] if step.get("parallel")
                for index, branch in enumerate(step["branches"]) if not branch["omitted"]}
    return Bundle(path, about["identity"], branches)


def choose_bundle(whole: Bundle, worker: Worker) -> Bundle:
    """One branch's own file, beside the whole one, if there is one."""
    if len(worker.branches) != 1:
        return whole
    path = whole.path.with_suffix(f".b{worker.branches[0]}{whole.path.suffix}")
    if not path.exists():
        return whole
    own = read_bundle(path)
    if own.identity != whole.identity:
        raise Problem(f"{path}: from another compilation than {whole.path}: compile both again with --per-branch")
    return own


def check_bundle(bundle: Bundle, worker: Worker, machine: str) -> None:
    """What would only fail on the device."""
    served = {name: b for name, b in bundle.branches.items() if not worker.branches or b["device"] in worker.branches}
    devices = {branch["device"] for branch in served.values()}
    if missing := sorted(set(worker.branches) - devices):
        raise Problem(f"{bundle.path} has no branch {missing[0]}")
    for name, branch in served.items():
        if not branch["golden"]:
            raise Problem(f"{bundle.path} has no golden outputs of {name}, so the device cannot be checked: compile "
                          "with --golden=INPUT.npy")
        isas = {part["isa"] for part in branch["parts"] if part["format"] == "cpu-image"}
        if wrong := sorted(isas - {machine}):
            raise Problem(f"{name} was compiled for {wrong[0]}, and the device is {machine}")


def digest(contents: bytes | Path) -> str:
    if isinstance(contents, bytes):
        return hashlib.sha256(contents).hexdigest()
    with contents.open("rb") as data:
        return hashlib.file_digest(data, "sha256").hexdigest()


def files_for(worker: Worker, bundle: Bundle, runtime: Runtime, key: Path | None, tls: bool) -> Files:
    """A version's folder, SHA256SUMS among it."""
    host = "[::]" if ":" in worker.host else "0.0.0.0"
    branch = [f"--branch={','.join(map(str, worker.branches))}"] if worker.branches else []
    trust = ["--key=maker.pem"] if key else ["--allow-unsigned"]
    serve = ["./lcp-run", f"--serve={host}:{worker.port}", *([f"--tls={FOLDER}/certs"] if tls else []), *trust, *branch,
             "bundle.fb"]
    check = ["./lcp-run", "bundle.fb", "--verify", *(["--key=maker.pem"] if key else []), *branch]
    if not branch:  # Each branch by itself, not the whole model, which may be for another machine.
        check.append(f"--branch={','.join(map(str, sorted({b['device'] for b in bundle.branches.values()})))}")
    files: Files = {
        "bundle.fb": (bundle.path, 0o644),
        "lcp-run": (runtime.path, 0o755),
        "start": (START.format(folder=FOLDER, command=shlex.join(serve)).encode(), 0o755),
        "check": (CHECK.format(command=shlex.join(check)).encode(), 0o755),
        "supervise": ((HERE / "supervise").read_bytes(), 0o755),
        "lcp-worker.service": (UNIT.encode(), 0o644),
    }
    if key:
        files["maker.pem"] = (key, 0o644)
    sums = "".join(f"{digest(contents)}  {name}\n" for name, (contents, _) in files.items())
    return {**files, "SHA256SUMS": (sums.encode(), 0o644)}


def version_of(fleet: dict[str, Files]) -> str:
    """One name for what all devices get; the same things have the same name."""
    sums = "".join(f"{address}\n{files['SHA256SUMS'][0].decode()}" for address, files in sorted(fleet.items()))
    return hashlib.sha256(sums.encode()).hexdigest()[:16]
