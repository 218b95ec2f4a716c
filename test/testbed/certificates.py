"""Certificates for a bed, by openssl: one authority, and one certificate that stands for every host."""

from pathlib import Path

from .bed import Bed
from .shell import sh

KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")


def make(folder: Path, bed: Bed) -> Path:
    """A folder as --tls takes it."""
    folder.mkdir(exist_ok=True)
    names = folder / "names"
    names.write_text("subjectAltName=IP:127.0.0.1," + ",".join(f"IP:{host.ip}" for host in bed.hosts) + "\n")
    ca, ca_key, request = folder / "ca.pem", folder / "ca.key", folder / "request.pem"
    sh("openssl", "req", "-x509", *KEY, "-days", "2", "-subj", "/CN=authority", "-keyout", str(ca_key), "-out", str(ca))
    sh("openssl", "req", *KEY, "-subj", "/CN=device", "-keyout", str(folder / "key.pem"), "-out", str(request))
    sh("openssl", "x509", "-req", "-in", str(request), "-CA", str(ca), "-CAkey", str(ca_key), "-CAcreateserial",
       "-days", "2", "-extfile", str(names), "-out", str(folder / "cert.pem"))
    return folder
