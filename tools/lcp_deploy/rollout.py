"""All devices take a version, or none does: everything that can fail comes before the first device switches."""

import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from . import release, runtimes
from .errors import Problem
from .remote import Device, Files

# For a worker to read its bundle and listen.
START_SECONDS = 60


def say(text: str) -> None:
    print(text, flush=True)


def on_all(devices: list[Device], what: Callable[[Device], object]) -> tuple[list[object], list[str]]:
    """What every device answered, in order, and a line for each that failed."""

    def attempt(device: Device) -> tuple[object, str]:
        try:
            return what(device), ""
        except Problem as problem:
            return None, f"{device.worker.address}: {problem}"

    with ThreadPoolExecutor(max(1, len(devices))) as pool:
        results = list(pool.map(attempt, devices))
    return [answer for answer, _ in results], [line for _, line in results if line]


def must(devices: list[Device], what: Callable[[Device], object], then: str = "") -> list[object]:
    answers, problems = on_all(devices, what)
    if problems:
        raise Problem("\n".join([*problems, *([then] if then else [])]))
    return answers


def give_certificates(devices: list[Device], folder: Path) -> None:
    """Each device's folder of those that lcp-run --make-certs made. A running worker reads them at its next
    handshake."""
    fleet: dict[str, Files] = {}
    for device in devices:
        own = folder / device.worker.name
        try:
            fleet[device.worker.host] = {name: ((own / name).read_bytes(), 0o600 if name == "key.pem" else 0o644)
                                         for name in ("ca.pem", "cert.pem", "key.pem", "crl.pem")}
        except OSError as error:
            raise Problem(f"{own}: {error.strerror}: no certificate for this device; 'lcp-run --make-certs={folder} "
                          "--cluster=FILE' makes one") from None

    def give(device: Device) -> None:
        files = fleet[device.worker.host]
        name = "".join(release.digest(contents) for contents, _ in files.values())
        device.run("certificates", release.digest(name.encode())[:16], files=files)

    must(devices, give)
    say(f"certificates: {len(devices)} devices have theirs")


def prepare(devices: list[Device], abouts: list[dict[str, str]], bundle: Path, given: list[Path],
            key: Path | None) -> str:
    """Brings the version to every device that lacks it, and has it checked there. Its name."""
    whole, found = release.read_bundle(bundle), runtimes.find(given)
    fleet: dict[str, Files] = {}
    problems = []
    for device, about in zip(devices, abouts):
        worker = device.worker
        try:
            runtime = runtimes.choose(found, about)
            own = release.choose_bundle(whole, worker)
            release.check_bundle(own, worker, runtime.machine)
            if about["certificates"] != "yes":
                raise Problem("it has no certificates: give --certs=DIR, from 'lcp-run --make-certs=DIR'")
            fleet[worker.address] = release.files_for(worker, own, runtime, key, tls=True)
            say(f"{worker.address}: {own.path.name}, lcp-run for {runtime.machine} ({runtime.describe()}, "
                f"{runtime.path})")
        except Problem as problem:
            problems.append(f"{worker.address}: {problem}")
    if problems:
        raise Problem("\n".join(problems))
    version = release.version_of(fleet)
    lacking = [d for d, about in zip(devices, abouts) if version not in about["versions"].split()]
    stay = "all devices stay on the version they have"
    must(lacking, lambda device: device.run("receive", version, files=fleet[device.worker.address]), stay)
    say(f"{version}: copied to {len(lacking)} devices, and its golden outputs are right there" if lacking
        else f"{version}: is on all devices already")
    return version


def start(device: Device, version: str) -> None:
    device.run("start", version, str(START_SECONDS))


def undo(devices: list[Device], abouts: list[dict[str, str]]) -> list[str]:
    """Back to what each device ran before."""

    def go_back(device: Device) -> None:
        old = before[device.worker.address]
        if old:
            device.run("back", old)
            start(device, old)
        else:
            device.run("remove")

    before = {device.worker.address: about["current"] for device, about in zip(devices, abouts)}
    return on_all(devices, go_back)[1]


def move(devices: list[Device], abouts: list[dict[str, str]], version: str, command: str) -> None:
    """Switches all devices, starts them, and undoes all of it if one fails."""
    problems = on_all(devices, lambda device: device.run(command, version))[1]
    problems = problems or on_all(devices, lambda device: start(device, version))[1]
    if problems:
        left = undo(devices, abouts)
        raise Problem("\n".join([*problems, *left, "not all devices went back: run the command again when they can be "
                                 "reached" if left else "all devices went back to the version they had"]))


def deploy(devices: list[Device], bundle: Path, given: list[Path], key: Path | None, certs: Path | None) -> None:
    if certs:
        give_certificates(devices, certs)
    abouts = must(devices, Device.about)
    version = prepare(devices, abouts, bundle, given, key)
    move(devices, abouts, version, "switch")
    must(devices, lambda device: device.run("keep"))
    say(f"{version}: serves on {len(devices)} devices")
    if any(about["systemd"] == "no" for about in abouts):
        print("lcp-deploy: warning: without systemd nothing starts a worker at boot: have "
              "/opt/lcp/supervise started there", file=sys.stderr)


def roll_back(devices: list[Device]) -> None:
    """After a deployment that was cut short, too: some devices may have the new version already."""
    abouts = must(devices, Device.about)
    currents, befores = {a["current"] for a in abouts}, {a["replaces"] for a in abouts}
    target = befores if len(currents) == 1 else {v for v in currents
                                                 if all(v in (a["current"], a["replaces"]) for a in abouts)}
    if len(target) != 1 or not all(target):
        raise Problem("\n".join(["there is no version that all devices had before", *(
            f"{d.worker.address}: runs {a['current'] or 'nothing'}, before that {a['replaces'] or 'nothing'}"
            for d, a in zip(devices, abouts))]))
    version, = target
    move(devices, abouts, version, "back")
    say(f"{version}: serves on {len(devices)} devices again")
