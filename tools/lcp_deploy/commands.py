"""Brings a bundle to the devices of a cluster file: all of them take it, or none does."""

import argparse
import sys
from pathlib import Path

from . import cluster, kubernetes, rollout
from .errors import Problem
from .remote import Device


def make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="lcp-deploy", description=__doc__)
    parser.add_argument("cluster", type=Path, help="the cluster file; ssh must reach each worker's host")
    parser.add_argument("bundle", type=Path, nargs="?", help="what lcp-compile wrote; with --per-branch, the files beside "
                        "it go to the devices of one branch")
    parser.add_argument("--rollback", action="store_true", help="go back to the version before, on all devices")
    parser.add_argument("--k3s", type=Path, metavar="DIR", help="write Kubernetes manifests there instead")
    parser.add_argument("--certs", type=Path, metavar="DIR", help="give each device its folder of those that lcp-run "
                        "--make-certs made; without a bundle nothing else")
    parser.add_argument("--key", type=Path, metavar="PUB.pem", help="devices take only a bundle that this key signed")
    parser.add_argument("--runtime", type=Path, action="append", default=[], metavar="FILE", help="an lcp-run, once for "
                        "each kind of processor (default: those built in this tree)")
    parser.add_argument("--ssh-config", type=Path, metavar="FILE", help="for ssh, instead of ~/.ssh/config")
    return parser


def run(args: argparse.Namespace) -> None:
    workers, local = cluster.read(args.cluster)
    if args.rollback and (args.bundle or args.k3s or args.certs):
        raise Problem("--rollback stands alone: it takes what is on the devices")
    if not (args.rollback or args.bundle or args.certs):
        raise Problem("a bundle is missing, or --rollback, or --certs")
    if args.k3s:
        if not args.bundle:
            raise Problem("--k3s needs the bundle")
        kubernetes.write(args.k3s, workers, local, args.bundle, args.runtime, args.key)
        return
    devices = [Device(worker, args.ssh_config) for worker in workers]
    if args.rollback:
        rollout.roll_back(devices)
    elif args.bundle:
        rollout.deploy(devices, args.bundle, args.runtime, args.key, args.certs)
    else:
        rollout.give_certificates(devices, args.certs)


def main() -> int:
    try:
        run(make_parser().parse_intermixed_args())
    except Problem as problem:
        for line in str(problem).splitlines():
            print(f"lcp-deploy: error: {line}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("lcp-deploy: interrupted; the same command goes on from here", file=sys.stderr)
        return 130
    return 0
