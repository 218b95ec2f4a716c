#!/usr/bin/env python3
"""A TCP proxy in a device's namespace, in front of its worker: the latency of the
device's link, and faults. The kernel's netem would do some of it and is not in every kernel.

    proxy.py LISTEN:PORT TARGET:PORT '{"delay": 0.0002}'

A line of JSON on standard input changes its settings; it answers each with "ok". Once
that ends, it writes how many bits it has flipped, and ends.
"""

import json
import queue
import random
import socket
import struct
import sys
import threading
import time
from dataclasses import dataclass

CHUNK = 1 << 16
QUEUED_CHUNKS = 256


@dataclass
class Settings:
    """`delay` and up to `jitter` more are seconds one way. The others are probabilities:
    that a connection is reset as it comes (`refuse`); of every chunk of up to 64 KiB, that
    its connection is reset (`cut`), or that one of its bits is flipped (`corrupt`).
    While `stall` is set, connections are taken and nothing passes. What the chances are drawn
    from begins with `seed`, for each connection and direction anew."""

    delay: float = 0
    jitter: float = 0
    refuse: float = 0
    cut: float = 0
    corrupt: float = 0
    stall: bool = False
    seed: int = 0


class Proxy:
    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.moving = threading.Event()
        self.connections = self.flips = 0
        self.apply({})

    def apply(self, changes: dict) -> None:
        self.settings = Settings(**{**vars(self.settings), **changes})
        if self.settings.stall:
            self.moving.clear()
        else:
            self.moving.set()

    def serve(self, listener: socket.socket, target: tuple[str, int]) -> None:
        while True:
            client, _ = listener.accept()
            self.connections += 1
            chance = random.Random(f"{self.settings.seed} {self.connections}")
            threading.Thread(target=self.connect, args=(client, target, chance), daemon=True).start()

    def connect(self, client: socket.socket, target: tuple[str, int], chance: random.Random) -> None:
        if chance.random() < self.settings.refuse:
            return reset(client)
        try:
            server = socket.create_connection(target)
        except OSError:
            return reset(client)
        for one in (client, server):
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for one, other in ((client, server), (server, client)):
            chunks: queue.Queue = queue.Queue(QUEUED_CHUNKS)
            ours = random.Random(chance.random())
            threading.Thread(target=self.read, args=(one, other, chunks, ours), daemon=True).start()
            threading.Thread(target=self.write, args=(one, other, chunks), daemon=True).start()

    def read(self, source: socket.socket, sink: socket.socket, chunks: queue.Queue, chance: random.Random) -> None:
        """Every chunk with when it is due; an empty one is the end."""
        chunk = b"-"
        while chunk:
            try:
                chunk = source.recv(CHUNK)
            except OSError:
                reset(sink)
                chunk = b""
            settings = self.settings
            if chunk and chance.random() < settings.cut:
                reset(source)
                reset(sink)
                chunk = b""
            if chunk and chance.random() < settings.corrupt:
                chunk = flip_bit(chunk, chance)
                self.flips += 1
            chunks.put((time.monotonic() + settings.delay + settings.jitter * chance.random(), chunk))

    def write(self, source: socket.socket, sink: socket.socket, chunks: queue.Queue) -> None:
        chunk = b"-"
        while chunk:
            due, chunk = chunks.get()
            if (wait := due - time.monotonic()) > 0:
                time.sleep(wait)
            self.moving.wait()
            try:
                if chunk:
                    sink.sendall(chunk)
                else:
                    sink.shutdown(socket.SHUT_WR)
            except OSError:
                reset(source)
                while chunk:
                    _, chunk = chunks.get()


def flip_bit(chunk: bytes, chance: random.Random) -> bytes:
    wrong = bytearray(chunk)
    wrong[chance.randrange(len(wrong))] ^= 1 << chance.randrange(8)
    return bytes(wrong)


def reset(connection: socket.socket) -> None:
    """Ends a connection as a crash does; whoever waits for it wakes up."""
    try:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.shutdown(socket.SHUT_RD)
    except OSError:
        pass
    connection.close()


def endpoint(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    return host, int(port)


def main() -> None:
    listen, target, settings = sys.argv[1:]
    proxy = Proxy(Settings(**json.loads(settings)))
    listener = socket.create_server(endpoint(listen), backlog=1024)
    threading.Thread(target=proxy.serve, args=(listener, endpoint(target)), daemon=True).start()
    print("ok", flush=True)
    for line in sys.stdin:
        proxy.apply(json.loads(line))
        print("ok", flush=True)
    print(proxy.flips, flush=True)


if __name__ == "__main__":
    main()
