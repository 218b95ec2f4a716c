"""Manifests for k3s, or any Kubernetes, from the same cluster file: an orchestrator for fleets that have one."""

import hashlib
import re
from pathlib import Path

import yaml

from . import release, runtimes
from .cluster import Worker
from .errors import Problem

NAMESPACE = "lcp"
PORT = 9000
# Kubernetes' names of processors.
ARCHITECTURES = {"aarch64": "arm64", "x86_64": "amd64", "armhf": "arm"}
DOCKERFILE = """# Made by lcp-deploy --k3s. Build where the manifests are:
#   docker build --platform=linux/{architecture} -t {image} {folder}
FROM scratch
COPY lcp-run bundle.fb {key}/
"""


def name_of(index: int) -> str:
    return f"worker-{index}"


def command(worker: Worker, verb: list[str], key: Path | None) -> list[str]:
    branch = [f"--branch={','.join(map(str, worker.branches))}"] if worker.branches else []
    return ["/lcp-run", "/bundle.fb", *verb, *(["--key=/maker.pem"] if key else []), *branch]


def pod(worker: Worker, name: str, image: str, architecture: str, key: Path | None) -> dict:
    locked = {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}
    serve = [f"--serve=0.0.0.0:{PORT}", "--tls=/certs", *([] if key else ["--allow-unsigned"])]
    probe = {"tcpSocket": {"port": PORT}, "periodSeconds": 5}
    return {
        "nodeSelector": {"kubernetes.io/arch": architecture, "lcp/device": worker.host.replace(":", "-")},
        "automountServiceAccountToken": False,
        "securityContext": {"runAsNonRoot": True, "runAsUser": 65532, "fsGroup": 65532,
                            "seccompProfile": {"type": "RuntimeDefault"}},
        # A device that computes something else never gets to serve.
        "initContainers": [{"name": "golden-check", "image": image, "command": command(worker, ["--verify"], key),
                            "securityContext": locked}],
        "containers": [{"name": "worker", "image": image, "command": command(worker, serve, key),
                        "ports": [{"name": "grpc", "containerPort": PORT}], "securityContext": locked,
                        "readinessProbe": probe, "livenessProbe": probe | {"periodSeconds": 20},
                        "volumeMounts": [{"name": "certs", "mountPath": "/certs", "readOnly": True}]}],
        "volumes": [{"name": "certs", "secret": {"secretName": f"{name}-certs", "defaultMode": 0o440}}],
    }


def manifests(worker: Worker, name: str, image: str, architecture: str, key: Path | None) -> list[dict]:
    labels = {"app": "lcp", "lcp/worker": name}
    about = {"name": name, "namespace": NAMESPACE, "labels": labels}
    deployment = {
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": about,
        # The device has one place for it.
        "spec": {"replicas": 1, "strategy": {"type": "Recreate"}, "revisionHistoryLimit": 1,
                 "selector": {"matchLabels": labels},
                 "template": {"metadata": {"labels": labels}, "spec": pod(worker, name, image, architecture, key)}}}
    service = {"apiVersion": "v1", "kind": "Service", "metadata": about,
               "spec": {"clusterIP": "None", "selector": labels, "ports": [{"name": "grpc", "port": PORT}]}}
    return [deployment, service]


def put(path: Path, contents: bytes | Path) -> None:
    path.write_bytes(contents if isinstance(contents, bytes) else contents.read_bytes())


def write_image(folder: Path, bundle: release.Bundle, runtime: runtimes.Runtime, key: Path | None, image: str) -> None:
    folder.mkdir(exist_ok=True)
    put(folder / "bundle.fb", bundle.path)
    put(folder / "lcp-run", runtime.path)
    (folder / "lcp-run").chmod(0o755)
    if key:
        put(folder / "maker.pem", key)
    (folder / "Dockerfile").write_text(DOCKERFILE.format(
        architecture=ARCHITECTURES[runtime.machine], image=image, folder=folder.name, key="maker.pem " if key else ""))


def runtime_for(bundle: release.Bundle, found: list[runtimes.Runtime], given: bool) -> runtimes.Runtime:
    """By the processor that the bundle's code is for: nothing asks the node here. `given`: by --runtime."""
    isas = {part["isa"] for branch in bundle.branches.values() for part in branch["parts"]
            if part["format"] == "cpu-image"}
    for runtime in found:
        if isas == {runtime.machine} and runtime.glibc is None:
            return runtime
    if given:
        about = "; ".join(f"{r.path} is for {r.machine}, {r.describe()}" for r in found)
        raise Problem(f"{bundle.path} is for {' and '.join(sorted(isas)) or 'no processor'}, and the image has no C "
                      f"library: {about}; give a self-contained lcp-run (preset runtime-aarch64 or runtime-x86-64)")
    raise Problem(f"{bundle.path}: no self-contained lcp-run for {' and '.join(sorted(isas)) or 'its devices'}: build "
                  "preset runtime-aarch64 or runtime-x86-64, or give --runtime=FILE")


def write(folder: Path, workers: list[Worker], local: list[dict], bundle: Path, given: list[Path],
          key: Path | None) -> None:
    """`local`: entries of the cluster file that stay what they are."""
    whole, found = release.read_bundle(bundle), runtimes.find(given)
    model = re.sub("[^a-z0-9-]+", "-", bundle.stem.lower()).strip("-")
    images = []  # Looked for before anything is written.
    for worker in workers:
        own = release.choose_bundle(whole, worker)
        images.append((own, runtime_for(own, found, bool(given))))
        release.check_bundle(own, worker, images[-1][1].machine)
    folder.mkdir(parents=True, exist_ok=True)
    documents: list[dict] = [{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}]
    cluster = []
    for index, (worker, (own, runtime)) in enumerate(zip(workers, images)):
        name = name_of(index)
        version = hashlib.sha256((release.digest(own.path) + release.digest(runtime.path)).encode()).hexdigest()[:12]
        image = f"lcp-{model}-{name}:{version}"
        write_image(folder / name, own, runtime, key, image)
        documents += manifests(worker, name, image, ARCHITECTURES[runtime.machine], key)
        cluster.append({"address": f"{name}.{NAMESPACE}.svc:{PORT}",
                        **({"branches": list(worker.branches)} if worker.branches else {})})
    cluster += local
    (folder / "workers.yaml").write_text(yaml.safe_dump_all(documents, sort_keys=False))
    (folder / "cluster.yaml").write_text(yaml.safe_dump({"workers": cluster}, sort_keys=False))
    print(f"{folder}/workers.yaml: {len(workers)} workers; {folder}/cluster.yaml: for the coordinator and --make-certs")
