"""Clients that misbehave: TLS with any certificate or none, and HTTP/2 frames by hand."""

import socket
import ssl
import struct
from pathlib import Path

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RESET, SETTINGS = 0, 1, 3, 4
END_HEADERS = 4
PATIENCE = 10.0


def frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def call_headers(method: str) -> bytes:
    """As literals that are not indexed."""
    fields = {":method": "POST", ":scheme": "https", ":path": method, ":authority": "a", "te": "trailers",
              "content-type": "application/grpc"}
    return b"".join(b"\0" + bytes([len(name)]) + name.encode() + bytes([len(value)]) + value.encode()
                    for name, value in fields.items())


def connect(address: str) -> socket.socket:
    host, _, port = address.rpartition(":")
    return socket.create_connection((host, int(port)), timeout=PATIENCE)


def connect_tls(address: str, certificate: Path | None) -> ssl.SSLSocket:
    """With the certificate of a folder, or none; whom it speaks to is all the same to it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_alpn_protocols(["h2"])
    if certificate:
        context.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
    return context.wrap_socket(connect(address))


def heard(connection: socket.socket, until: bytes | None = None) -> bytes:
    """What comes until the other end closes, or `until` came."""
    data = b""
    try:
        while (until is None or until not in data) and (some := connection.recv(1 << 16)):
            data += some
    except (ConnectionError, ssl.SSLError):
        pass
    return data
