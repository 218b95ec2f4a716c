//===- TestModels.h - Models and clients for tests of serving ---*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_TEST_UNIT_SERVING_TESTMODELS_H
#define LCP_TEST_UNIT_SERVING_TESTMODELS_H

#include "TestServer.h"

#include "runtime/serving/Server.h"

#include "open_inference.pb.h"

#include <atomic>
#include <cstring>
#include <functional>

namespace lcp::rt::test {

/// A model made of a lambda.
class LambdaModel final : public Servable {
public:
  using Function = std::function<Status(Span<const void *const>,
                                        Span<void *const>, Deadline)>;
  LambdaModel(ModelSignature signature, Function function)
      : Servable(std::move(signature)), function(std::move(function)) {}
  LambdaModel(std::string name, std::vector<TensorSpec> inputs,
              std::vector<TensorSpec> outputs, Function function)
      : Servable(
            {std::move(name), "v1", std::move(inputs), std::move(outputs)}),
        function(std::move(function)) {}

  Status run(ServableRun &run) override {
    return function(run.inputs, run.outputs, run.deadline);
  }

private:
  Function function;
};

/// out = 2 * in, four floats.
inline std::unique_ptr<Servable>
makeDoubler(const std::string &name = "double") {
  return std::make_unique<LambdaModel>(
      name, std::vector<TensorSpec>{{"in", ElementType::F32, {1, 4}}},
      std::vector<TensorSpec>{{"out", ElementType::F32, {1, 4}}},
      [](Span<const void *const> in, Span<void *const> out, Deadline) {
        for (int i = 0; i < 4; ++i)
          static_cast<float *>(out[0])[i] =
              2 * static_cast<const float *>(in[0])[i];
        return Status();
      });
}

/// Calls of the protocol to one server. (Clients of other makes are in
/// test/e2e/test_outside_client.py.)
class Client {
public:
  explicit Client(const std::string &address, ChannelOptions options = {})
      : client(address, options) {}

  /// `method` is one of the inference service, or whole with its service.
  template <typename Request, typename Response>
  Status call(const std::string &method, const Request &request,
              Response &response, Deadline deadline = in(10s)) {
    const std::string path =
        method[0] == '/' ? method : "/inference.GRPCInferenceService/" + method;
    Result<Bytes> answer =
        client.call(path, Message(request.SerializeAsString()), deadline);
    LCP_RETURN_IF_ERROR(answer.status());
    return response.ParseFromArray(answer->data(), int(answer->size()))
               ? Status()
               : Status(StatusCode::Corrupt, "no such message");
  }

  TestClient client;
};

inline std::unique_ptr<Client> connectTo(const std::string &address,
                                         ChannelOptions options = {}) {
  return std::make_unique<Client>(address, options);
}

/// A correct raw request for makeDoubler.
inline inference::ModelInferRequest
makeRequest(const std::vector<float> &values,
            const std::string &model = "double") {
  inference::ModelInferRequest request;
  request.set_model_name(model);
  auto &input = *request.add_inputs();
  input.set_name("in");
  input.set_datatype("FP32");
  input.add_shape(1);
  input.add_shape(4);
  request.add_raw_input_contents(values.data(), values.size() * sizeof(float));
  return request;
}

inline Status infer(Client &client, const inference::ModelInferRequest &request,
                    inference::ModelInferResponse &response,
                    Deadline deadline = in(10s)) {
  return client.call("ModelInfer", request, response, deadline);
}

/// What the request is refused with; empty if it is answered.
inline std::string refusal(Client &client,
                           const inference::ModelInferRequest &request) {
  inference::ModelInferResponse response;
  return infer(client, request, response).message();
}

inline std::vector<float> rawFloats(const std::string &bytes) {
  std::vector<float> values(bytes.size() / sizeof(float));
  std::memcpy(values.data(), bytes.data(), values.size() * sizeof(float));
  return values;
}

inline Result<std::unique_ptr<Server>>
startServer(std::vector<std::unique_ptr<Servable>> models,
            const std::string &address = "127.0.0.1:0",
            const std::optional<TlsIdentity> &tls = std::nullopt) {
  ServerOptions options;
  options.address = address;
  options.tls = tls;
  return Server::start(std::move(models), std::move(options));
}

/// A server of one model on a free loopback port.
inline std::unique_ptr<Server> serve(std::unique_ptr<Servable> model,
                                     ServerOptions options = {}) {
  std::vector<std::unique_ptr<Servable>> models;
  models.push_back(std::move(model));
  options.address = "127.0.0.1:0";
  auto server = Server::start(std::move(models), std::move(options));
  return server.ok() ? *std::move(server) : nullptr;
}

} // namespace lcp::rt::test

#endif // LCP_TEST_UNIT_SERVING_TESTMODELS_H
