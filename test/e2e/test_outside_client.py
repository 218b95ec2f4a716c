"""A client that is not ours (tritonclient) talks to workers and coordinators:
whether the protocol is the standard one is for it to say."""

import time
import unittest

import numpy as np

from workers import Workers

try:
    import grpc
    import tritonclient.grpc as triton
    from tritonclient.grpc import service_pb2, service_pb2_grpc
    from tritonclient.utils import InferenceServerException
except ImportError:
    triton = None


@unittest.skipUnless(triton, "tritonclient is not installed")
class OutsideClient(Workers):
    def connect(self, address: str) -> "triton.InferenceServerClient":
        client = triton.InferenceServerClient(address)
        self.addCleanup(client.close)
        return client

    def ask(self, client: "triton.InferenceServerClient", model: str, value: np.ndarray,
            **arguments: object) -> np.ndarray:
        """The first output, for the first input."""
        metadata = client.get_model_metadata(model)
        tensor = triton.InferInput(metadata.inputs[0].name, value.shape, "FP32")
        tensor.set_data_from_numpy(value)
        return client.infer(model, [tensor], **arguments).as_numpy(metadata.outputs[0].name)

    def test_whole_model_answers_like_lcp_run(self) -> None:
        address, models = self.serve()
        client = self.connect(address)
        self.assertEqual(["two-stages.s0.b0", "two-stages.s0.b1", "two-stages.s1.b0", "two-stages.s1.b1",
                          "two-stages"], models)
        self.assertTrue(client.is_server_live() and client.is_server_ready())
        for model in models:
            self.assertTrue(client.is_model_ready(model))
        self.assertFalse(client.is_model_ready("no-such-model"))
        self.assertEqual("lcp-run", client.get_server_metadata().name)
        alone = self.run_bundle(self.bundle, self.input)
        self.assertTrue(np.array_equal(alone, self.ask(client, "two-stages", self.input)))

    def test_cluster_behind_one_address(self) -> None:
        cluster = self.cluster_file(self.two_workers())
        address, models = self.serve(f"--cluster={cluster}")
        self.assertEqual(["two-stages"], models)
        alone = self.run_bundle(self.bundle, self.input)
        together = self.ask(self.connect(address), "two-stages", self.input)
        self.assertTrue(np.array_equal(alone, together))

    def test_cluster_is_ready_while_every_branch_has_a_worker(self) -> None:
        addresses = self.two_workers()
        client = self.connect(self.serve(f"--cluster={self.cluster_file(addresses)}")[0])

        def becomes(ready: bool) -> bool:
            end = time.monotonic() + 10
            while client.is_server_ready() != ready and time.monotonic() < end:
                time.sleep(0.02)
            return client.is_server_ready() == client.is_model_ready("two-stages") == ready

        self.assertTrue(becomes(True))
        self.servers[1].kill()
        self.assertTrue(becomes(False))
        self.assertTrue(client.is_server_live())
        self.serve("--branch=1", at=addresses[1])
        self.assertTrue(becomes(True))
        self.assertTrue(np.array_equal(self.run_bundle(self.bundle, self.input),
                                       self.ask(client, "two-stages", self.input)))

    def test_version_is_the_bundles_hash(self) -> None:
        # A bundle for one device has the hash of the whole.
        clients = [self.connect(self.serve("--branch=1", bundle=b)[0])
                   for b in (self.bundle, self.folder / "two-stages.b1.fb")]
        versions = {c.get_model_metadata("two-stages.s0.b1").versions[0] for c in clients}
        self.assertEqual(1, len(versions))
        version = versions.pop()
        self.assertRegex(version, "^[0-9a-f]{64}$")
        self.ask(clients[0], "two-stages.s0.b1", self.input, model_version=version)
        with self.assertRaisesRegex(InferenceServerException,
                                    f"FAILED_PRECONDITION.*is here in version {version}, not '{'0' * 64}'"):
            self.ask(clients[0], "two-stages.s0.b1", self.input, model_version="0" * 64)

    def test_requests_that_do_not_fit(self) -> None:
        client = self.connect(self.serve()[0])
        with self.assertRaisesRegex(InferenceServerException, "INVALID_ARGUMENT.*the model's shape is 1x8"):
            self.ask(client, "two-stages", self.input[:, :7].copy())
        with self.assertRaisesRegex(InferenceServerException, "INVALID_ARGUMENT.*the model takes FP32"):
            tensor = triton.InferInput("x", [1, 8], "FP64")
            tensor.set_data_from_numpy(self.input.astype(np.float64))
            client.infer("two-stages", [tensor])
        with self.assertRaisesRegex(InferenceServerException, "RESOURCE_EXHAUSTED"):
            self.ask(client, "two-stages", np.zeros((1, 1 << 20), np.float32))
        with self.assertRaisesRegex(InferenceServerException, "NOT_FOUND.*no model 'nobody' here"):
            client.infer("nobody", [triton.InferInput("x", [1], "FP32")])
        self.ask(client, "two-stages", self.input)  # it still answers

    def test_health_checking_protocol(self) -> None:
        with grpc.insecure_channel(self.serve()[0]) as channel:
            def ask(method: str, request: bytes) -> bytes:
                return channel.unary_unary(f"/grpc.health.v1.Health/{method}")(request, timeout=10)

            self.assertEqual(b"\x08\x01", ask("Check", b""))  # status: SERVING
            for method, request, code in (("Check", b"\x0a\x01x", grpc.StatusCode.NOT_FOUND),
                                          ("Watch", b"", grpc.StatusCode.UNIMPLEMENTED)):
                with self.assertRaises(grpc.RpcError) as refused:
                    ask(method, request)
                self.assertEqual(code, refused.exception.code())

    def test_shard_from_one_worker_to_another(self) -> None:
        """What branch 1 computes in stage 0 here is what it reads in stage 1 there."""
        writer, reader = (self.serve("--branch=1")[0] for _ in range(2))
        first = self.ask(self.connect(writer), "two-stages.s0.b1", self.input)
        direct = self.ask(self.connect(reader), "two-stages.s1.b1", first)

        def request(model: str, contents: bytes) -> "service_pb2.ModelInferRequest":
            metadata = self.connect(writer).get_model_metadata(model)
            made = service_pb2.ModelInferRequest(model_name=model, id="r", raw_input_contents=[contents])
            given = metadata.inputs[0]
            made.inputs.add(name=given.name, datatype=given.datatype, shape=given.shape)
            made.outputs.add(name=metadata.outputs[0].name)
            return made

        sent = request("two-stages.s0.b1", self.input.tobytes())
        sent.outputs[0].parameters["lcp_push_to"].string_param = f"k@{reader}"
        awaiting = request("two-stages.s1.b1", b"")
        awaiting.inputs[0].parameters["lcp_awaited"].string_param = "k"
        with grpc.insecure_channel(reader) as there, grpc.insecure_channel(writer) as here:
            waits = service_pb2_grpc.GRPCInferenceServiceStub(there).ModelInfer.future(awaiting, timeout=10)
            answer = service_pb2_grpc.GRPCInferenceServiceStub(here).ModelInfer(sent, timeout=10)
            self.assertEqual([b""], list(answer.raw_output_contents))
            self.assertEqual([direct.tobytes()], list(waits.result().raw_output_contents))

    def test_typed_contents(self) -> None:
        address = self.serve()[0]
        request = service_pb2.ModelInferRequest(model_name="two-stages")
        tensor = request.inputs.add(name="x", datatype="FP32", shape=self.input.shape)
        tensor.contents.fp32_contents.extend(self.input.ravel().tolist())
        with grpc.insecure_channel(address) as channel:
            response = service_pb2_grpc.GRPCInferenceServiceStub(channel).ModelInfer(request, timeout=10)
        self.assertEqual(0, len(response.raw_output_contents))
        typed = np.array(response.outputs[0].contents.fp32_contents, np.float32)
        raw = self.ask(self.connect(address), "two-stages", self.input)
        self.assertTrue(np.array_equal(raw.ravel(), typed))


if __name__ == "__main__":
    unittest.main()
