#!/usr/bin/env python3
"""A client that keeps inferences under way with a server, and writes down what became of each.

    stream_client.py HOST:PORT TLS EXPECTED.npz COUNT AT_A_TIME PACE DEADLINE_MS

TLS is a folder as lcp-run takes it. EXPECTED.npz has the model's inputs under "inputs", the
right answers to them under "full", and those without branch 1 under "without 1". PACE is the
least seconds from one inference to the next. Prints an Answer as a line of JSON for each."""

import json
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import grpc
import numpy as np
from tritonclient.grpc import service_pb2, service_pb2_grpc

# An answer that has not come by then, never comes.
HUNG = 10.0


class Pauses:
    """When this machine had no time for us: an answer that came meanwhile could not be taken."""

    STEP = 0.001

    def __init__(self) -> None:
        self.seen: list[tuple[float, float]] = []
        threading.Thread(target=self.watch, daemon=True).start()

    def watch(self) -> None:
        now = time.monotonic()
        while True:
            time.sleep(self.STEP)
            before, now = now, time.monotonic()
            if now - before > 2 * self.STEP:
                self.seen.append((before + self.STEP, now))

    def between(self, begin: float, end: float) -> float:
        return sum(max(0.0, min(end, b) - max(begin, a)) for a, b in self.seen[-200:])


class Client:
    def __init__(self, address: str, tls: Path, expected: str, deadline: float) -> None:
        credentials = grpc.ssl_channel_credentials(*((tls / name).read_bytes() for name in ("ca.pem", "key.pem", "cert.pem")))
        self.stub = service_pb2_grpc.GRPCInferenceServiceStub(grpc.secure_channel(address, credentials))
        self.expected = dict(np.load(expected))
        self.inputs = self.expected.pop("inputs")
        self.deadline = deadline
        self.pauses = Pauses()

    def request(self, number: int) -> service_pb2.ModelInferRequest:
        image = self.inputs[number % len(self.inputs)]
        request = service_pb2.ModelInferRequest(model_name="two-stages", id=str(number))
        tensor = request.inputs.add(name="x", datatype="FP32")
        tensor.shape.extend([1, *image.shape])
        request.raw_input_contents.append(image.tobytes())
        return request

    def run(self, count: int, at_a_time: int, pace: float) -> None:
        room = threading.Semaphore(at_a_time)
        for number in range(count):
            room.acquire()
            self.begin(number, room.release)
            time.sleep(pace)
        for _ in range(at_a_time):
            room.acquire()

    def begin(self, number: int, over: Callable[[], None]) -> None:
        begun = time.monotonic()
        # The deadline is the server's to keep: ours only tells who hangs.
        call = self.stub.ModelInfer.future(self.request(number), timeout=HUNG)

        def ended(call: grpc.Future) -> None:
            now = time.monotonic()
            due = begun + self.deadline
            verdict, words = ("HUNG", "") if now - begun >= HUNG else self.judge(number, call)
            print(json.dumps([begun, now, now - due - self.pauses.between(due, now), verdict, words]), flush=True)
            over()

        call.add_done_callback(ended)

    def judge(self, number: int, call: grpc.Future) -> tuple[str, str]:
        if call.exception():
            return call.code().name, call.details()
        answer = call.result()
        missing = answer.parameters["lcp_missing"].string_param
        verdict = f"without {missing}" if missing else "full"
        right = self.expected[verdict][number % len(self.inputs)]
        if answer.id != str(number) or answer.raw_output_contents[0] != right.tobytes():
            return "WRONG", f"{number} {verdict}"
        return verdict, ""


def main() -> None:
    address, tls, expected, count, at_a_time, pace, deadline = sys.argv[1:]
    Client(address, Path(tls), expected, int(deadline) / 1e3).run(int(count), int(at_a_time), float(pace))


if __name__ == "__main__":
    main()
