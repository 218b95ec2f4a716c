//===- ServerTest.cpp - A real server on a loopback socket ----------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestModels.h"

#include "runtime/rpc/Address.h"
#include "runtime/rpc/Stations.h"

#include "device.pb.h"

#include <gtest/gtest.h>
#include <thread>

using namespace lcp;
using namespace lcp::rt;
using namespace lcp::rt::test;
using inference::ModelInferRequest;
using inference::ModelInferResponse;

namespace {

class ServerTest : public testing::Test {
protected:
  void SetUp() override {
    server = serve(makeDoubler());
    ASSERT_TRUE(server);
    stub = connectTo(server->address());
  }

  /// The error that the request is answered with.
  std::string refusal(const ModelInferRequest &request, StatusCode expected) {
    ModelInferResponse response;
    Status status = infer(*stub, request, response);
    EXPECT_EQ(status.code(), expected) << status.message();
    return status.message();
  }

  std::unique_ptr<Server> server;
  std::unique_ptr<Client> stub;
};

} // namespace

TEST_F(ServerTest, AnswersHealthAndMetadata) {
  inference::ServerLiveResponse live;
  EXPECT_TRUE(
      stub->call("ServerLive", inference::ServerLiveRequest(), live).ok());
  EXPECT_TRUE(live.live());
  inference::ServerReadyResponse ready;
  EXPECT_TRUE(
      stub->call("ServerReady", inference::ServerReadyRequest(), ready).ok());
  EXPECT_TRUE(ready.ready());

  inference::ModelReadyRequest request;
  inference::ModelReadyResponse modelReady;
  request.set_name("double");
  EXPECT_TRUE(stub->call("ModelReady", request, modelReady).ok());
  EXPECT_TRUE(modelReady.ready());
  request.set_version("v0");
  EXPECT_TRUE(stub->call("ModelReady", request, modelReady).ok());
  EXPECT_FALSE(modelReady.ready());
  request.set_name("treble");
  EXPECT_TRUE(stub->call("ModelReady", request, modelReady).ok());
  EXPECT_FALSE(modelReady.ready());

  inference::ServerMetadataResponse about;
  EXPECT_TRUE(
      stub->call("ServerMetadata", inference::ServerMetadataRequest(), about)
          .ok());
  EXPECT_EQ(about.name(), "lcp-run");

  inference::ModelMetadataRequest which;
  inference::ModelMetadataResponse metadata;
  which.set_name("double");
  ASSERT_TRUE(stub->call("ModelMetadata", which, metadata).ok());
  ASSERT_EQ(metadata.versions_size(), 1);
  EXPECT_EQ(metadata.versions(0), "v1");
  ASSERT_EQ(metadata.inputs_size(), 1);
  EXPECT_EQ(metadata.inputs(0).name(), "in");
  EXPECT_EQ(metadata.inputs(0).datatype(), "FP32");
  EXPECT_EQ(metadata.inputs(0).shape_size(), 2);
  ASSERT_EQ(metadata.outputs_size(), 1);
  EXPECT_EQ(metadata.outputs(0).name(), "out");
}

TEST_F(ServerTest, AnswersRawWithRaw) {
  ModelInferRequest request = makeRequest({1, 2, 3, 4});
  request.set_model_version("v1");
  request.set_id("seven");
  ModelInferResponse response;
  Status status = infer(*stub, request, response);
  ASSERT_TRUE(status.ok()) << status.message();
  EXPECT_EQ(response.id(), "seven");
  EXPECT_EQ(response.model_version(), "v1");
  ASSERT_EQ(response.raw_output_contents_size(), 1);
  EXPECT_EQ(rawFloats(response.raw_output_contents(0)),
            (std::vector<float>{2, 4, 6, 8}));
  EXPECT_FALSE(response.outputs(0).has_contents());
}

TEST_F(ServerTest, AnswersTypedWithTyped) {
  ModelInferRequest request = makeRequest({});
  request.clear_raw_input_contents();
  for (float value : {1, 2, 3, 4})
    request.mutable_inputs(0)->mutable_contents()->add_fp32_contents(value);
  ModelInferResponse response;
  Status status = infer(*stub, request, response);
  ASSERT_TRUE(status.ok()) << status.message();
  EXPECT_EQ(response.raw_output_contents_size(), 0);
  const auto &contents = response.outputs(0).contents().fp32_contents();
  EXPECT_EQ(std::vector<float>(contents.begin(), contents.end()),
            (std::vector<float>{2, 4, 6, 8}));
}

TEST_F(ServerTest, RefusesWhatDoesNotFitTheModel) {
  auto good = makeRequest({1, 2, 3, 4});
  auto request = good;
  request.set_model_name("treble");
  EXPECT_EQ(refusal(request, StatusCode::NotFound), "no model 'treble' here");
  request = good;
  request.set_model_version("v2");
  EXPECT_EQ(refusal(request, StatusCode::Mismatch),
            "'double' is here in version v1, not 'v2'");
  request = good;
  request.mutable_inputs(0)->set_name("on");
  EXPECT_EQ(refusal(request, StatusCode::InvalidArgument),
            "the model's input 'in' is missing");
  request = good;
  *request.add_inputs() = good.inputs(0);
  request.add_raw_input_contents();
  EXPECT_EQ(refusal(request, StatusCode::InvalidArgument),
            "the model's input 'in' is there twice");
  request.mutable_inputs(1)->set_name("more");
  EXPECT_EQ(refusal(request, StatusCode::InvalidArgument),
            "the model has no input 'more'");
  request = good;
  request.mutable_inputs(0)->set_shape(1, 5);
  EXPECT_EQ(refusal(request, StatusCode::InvalidArgument),
            "tensor 'in': the model's shape is 1x4, the message's 1x5");
  request = good;
  request.mutable_inputs(0)->set_datatype("INT8");
  EXPECT_EQ(refusal(request, StatusCode::InvalidArgument),
            "tensor 'in': the model takes FP32, the message says INT8");
  request = good;
  request.mutable_raw_input_contents(0)->pop_back();
  EXPECT_EQ(refusal(request, StatusCode::InvalidArgument),
            "tensor 'in': its raw contents have 15 bytes instead of 16");
  request = good;
  request.add_raw_input_contents();
  EXPECT_EQ(refusal(request, StatusCode::InvalidArgument),
            "raw_input_contents has 2 entries for 1 inputs");
  request = good;
  request.mutable_inputs(0)->mutable_contents()->add_fp32_contents(1);
  EXPECT_EQ(refusal(request, StatusCode::InvalidArgument),
            "input 'in' has both raw and typed contents");
  request = good;
  request.add_outputs()->set_name("in");
  EXPECT_EQ(refusal(request, StatusCode::InvalidArgument),
            "the model has no output 'in'");
  request = good;
  request.add_outputs()->set_name("out");
  request.add_outputs()->set_name("out");
  EXPECT_EQ(refusal(request, StatusCode::InvalidArgument),
            "output 'out' is asked for twice");
  ModelInferResponse response;
  EXPECT_TRUE(infer(*stub, good, response).ok()) << "and still works";
}

TEST_F(ServerTest, RefusesMessagesThatNoModelNeeds) {
  auto request = makeRequest({1, 2, 3, 4});
  request.mutable_raw_input_contents(0)->resize(1 << 20);
  refusal(request, StatusCode::ResourceExhausted);
}

TEST(Server, GivesOnlyTheOutputsAskedFor) {
  auto server = serve(std::make_unique<LambdaModel>(
      "two", std::vector<TensorSpec>{},
      std::vector<TensorSpec>{{"a", ElementType::I8, {1}},
                              {"b", ElementType::I32, {1}}},
      [](Span<const void *const>, Span<void *const> out, Deadline) {
        *static_cast<int8_t *>(out[0]) = -7;
        *static_cast<int32_t *>(out[1]) = 1 << 20;
        return Status();
      }));
  ASSERT_TRUE(server);
  auto stub = connectTo(server->address());
  ModelInferRequest request;
  ModelInferResponse response;
  request.set_model_name("two");
  request.add_outputs()->set_name("b");
  ASSERT_TRUE(infer(*stub, request, response).ok());
  ASSERT_EQ(response.outputs_size(), 1);
  EXPECT_EQ(response.outputs(0).name(), "b");
  EXPECT_EQ(response.outputs(0).contents().int_contents(0), 1 << 20);
}

// Each request finds its own answer although they share the model's buffers.
TEST_F(ServerTest, KeepsConcurrentRequestsApart) {
  std::vector<std::thread> clients;
  clients.reserve(6);
  std::atomic<int> right{0};
  for (int id = 0; id < 6; ++id)
    clients.emplace_back([&, id] {
      auto mine = connectTo(server->address());
      for (int i = 0; i < 50; ++i) {
        float value = float(id * 1000 + i);
        ModelInferResponse response;
        if (infer(*mine, makeRequest({value, value, value, value}), response)
                .ok() &&
            rawFloats(response.raw_output_contents(0)) ==
                std::vector<float>(4, 2 * value))
          ++right;
      }
    });
  for (std::thread &client : clients)
    client.join();
  EXPECT_EQ(right, 6 * 50);
}

namespace {

/// A model that runs until it is let go, and counts its runs.
struct Gate {
  std::atomic<bool> open{false};
  std::atomic<int> entered{0};

  std::unique_ptr<Servable> model() {
    return std::make_unique<LambdaModel>(
        "slow", std::vector<TensorSpec>{}, std::vector<TensorSpec>{},
        [this](Span<const void *const>, Span<void *const>, Deadline) {
          ++entered;
          while (!open)
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
          return Status();
        });
  }
  void waitUntilEntered() {
    while (entered == 0)
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
};

ModelInferRequest slowRequest() {
  ModelInferRequest request;
  request.set_model_name("slow");
  return request;
}

} // namespace

TEST(Server, DoesNotRunWhatIsTooLate) {
  Gate gate;
  auto server = serve(gate.model());
  ASSERT_TRUE(server);
  auto stub = connectTo(server->address());
  std::thread first([&] {
    ModelInferResponse response;
    EXPECT_TRUE(infer(*stub, slowRequest(), response).ok());
  });
  gate.waitUntilEntered();
  ModelInferResponse response;
  Status late = infer(*stub, slowRequest(), response, in(50ms));
  EXPECT_EQ(late.code(), StatusCode::DeadlineExceeded);
  // The server counts the 50 ms from when the request reached it.
  std::this_thread::sleep_for(200ms);
  gate.open = true;
  first.join();
  server->stop(std::chrono::seconds(5));
  EXPECT_EQ(gate.entered, 1);
}

TEST(Server, AnswersHealthWhileClientsWaitWithoutEnd) {
  Gate gate;
  auto server = serve(gate.model());
  ASSERT_TRUE(server);
  std::vector<std::thread> clients;
  clients.reserve(24);
  std::atomic<int> refused{0}, answered{0};
  for (int i = 0; i < 24; ++i)
    clients.emplace_back([&] {
      // A connection each: its calls are limited too.
      auto mine = connectTo(server->address());
      ModelInferResponse response;
      Status status = infer(*mine, slowRequest(), response);
      status.ok() ? ++answered : ++refused;
      if (!status.ok())
        EXPECT_EQ(status.code(), StatusCode::ResourceExhausted);
    });
  gate.waitUntilEntered();
  for (int i = 0; refused < 12 && i < 5000; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  inference::ServerLiveResponse live;
  EXPECT_TRUE(connectTo(server->address())
                  ->call("ServerLive", inference::ServerLiveRequest(), live)
                  .ok());
  gate.open = true;
  for (std::thread &client : clients)
    client.join();
  EXPECT_EQ(answered, 12);
  EXPECT_EQ(refused, 12);
}

TEST(Server, LetsRunningRequestsEndWhenItStops) {
  Gate gate;
  auto server = serve(gate.model());
  ASSERT_TRUE(server);
  auto stub = connectTo(server->address());
  std::thread client([&] {
    ModelInferResponse response;
    EXPECT_TRUE(infer(*stub, slowRequest(), response).ok());
  });
  gate.waitUntilEntered();
  std::thread opener([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    gate.open = true;
  });
  server->stop(std::chrono::seconds(5));
  client.join();
  opener.join();
}

static std::string startProblem(const std::string &address,
                                std::vector<std::string> names = {"double"}) {
  std::vector<std::unique_ptr<Servable>> models;
  models.reserve(names.size());
  for (const std::string &name : names)
    models.push_back(makeDoubler(name));
  auto server = startServer(std::move(models), address);
  EXPECT_FALSE(server.ok());
  return server.ok() ? "" : server.status().message();
}

TEST(Server, NamesThePortInUse) {
  auto server = serve(makeDoubler());
  ASSERT_TRUE(server);
  EXPECT_EQ(startProblem(server->address()),
            "cannot listen on " + server->address() +
                ": Address already in use; stop the other server or choose "
                "another port (port 0 takes a free one)");
}

TEST(Server, RefusesOtherMachinesWithoutTls) {
  for (const char *address : {"0.0.0.0:0", "[::]:0", "192.0.2.1:0"})
    EXPECT_EQ(startProblem(address),
              std::string(address) +
                  " can be reached from other machines: that needs --tls=DIR "
                  "(ca.pem, cert.pem, key.pem)");
}

TEST(Server, RefusesTwoModelsOfOneName) {
  EXPECT_EQ(startProblem("127.0.0.1:0", {"a", "a"}),
            "two models are named 'a'");
}

TEST(Address, RefusesWhatIsNone) {
  for (const char *address :
       {"", "host", ":80", "host:", "host:x", "host:70000", "::1:80", "host:-1",
        "1.2.3.4:999999999999"}) {
    Result<Endpoint> endpoint = resolveAddress(address);
    ASSERT_FALSE(endpoint.ok()) << address;
    EXPECT_EQ(endpoint.status().message(),
              "'" + std::string(address) +
                  "' is not an address: write HOST:PORT or [IPV6]:PORT");
  }
}

TEST(Address, KnowsLoopback) {
  EXPECT_TRUE(resolveAddress("127.0.0.1:80")->loopback);
  EXPECT_TRUE(resolveAddress("127.8.9.1:80")->loopback);
  EXPECT_TRUE(resolveAddress("[::1]:80")->loopback);
  EXPECT_FALSE(resolveAddress("0.0.0.0:80")->loopback);
  EXPECT_FALSE(resolveAddress("128.0.0.1:80")->loopback);
  EXPECT_FALSE(resolveAddress("[::ffff:1.2.3.4]:80")->loopback);
  EXPECT_EQ(resolveAddress("[::1]:80")->numeric, "[::1]:80");
}

TEST(Server, RefusesBuffersThatFitNoMemory) {
  // Each fits a message; all of them, no machine of ours.
  std::vector<std::unique_ptr<Servable>> models;
  models.reserve(1024);
  for (int i = 0; i < 1024; ++i)
    models.push_back(std::make_unique<LambdaModel>(
        "large" + std::to_string(i), std::vector<TensorSpec>{},
        std::vector<TensorSpec>{{"out", ElementType::F32, {int64_t(1) << 28}}},
        [](Span<const void *const>, Span<void *const>, Deadline) {
          return Status();
        }));
  auto server = startServer(std::move(models));
  ASSERT_FALSE(server.ok());
  EXPECT_EQ(server.status().message().rfind("inputs and outputs: ", 0), 0u)
      << server.status().message();
}

TEST_F(ServerTest, SaysWhenARequestWasWhereIfAsked) {
  ModelInferResponse response;
  ModelInferRequest request = makeRequest({1, 2, 3, 4});
  ASSERT_TRUE(infer(*stub, request, response).ok());
  EXPECT_EQ(response.parameters().count("lcp_trace"), 0u);
  (*request.mutable_parameters())["lcp_trace"].set_bool_param(true);
  ASSERT_TRUE(infer(*stub, request, response).ok());
  EXPECT_EQ(rawFloats(response.raw_output_contents(0)),
            (std::vector<float>{2, 4, 6, 8}));
  auto stations =
      parseStations(response.parameters().at("lcp_trace").string_param());
  ASSERT_TRUE(stations.has_value());
  std::string names;
  for (const Station &station : *stations)
    names += station.name + " ";
  EXPECT_NE(names.find("queue compute "), std::string::npos) << names;
  for (size_t i = 1; i < stations->size(); ++i)
    EXPECT_EQ((*stations)[i].begin, (*stations)[i - 1].end);
}

TEST_F(ServerTest, SaysWhatItIs) {
  DescribeResponse response;
  ASSERT_TRUE(
      stub->call("/lcp.Device/Describe", DescribeRequest(), response).ok());
  EXPECT_EQ(response.protocol_version(), 1u);
  ASSERT_EQ(response.models_size(), 1);
  EXPECT_EQ(response.models(0).name(), "double");
  EXPECT_EQ(response.models(0).version(), "v1");
  EXPECT_TRUE(response.models(0).ready());
}

TEST_F(ServerTest, TakesAndGivesWhatAProbeAsksFor) {
  ProbeRequest request;
  ProbeResponse response;
  request.mutable_padding()->resize(100000);
  request.set_reply_bytes(3);
  ASSERT_TRUE(stub->call("/lcp.Device/Probe", request, response).ok());
  EXPECT_EQ(response.padding(), std::string(3, '\0'));
  EXPECT_GT(response.wall_ns(), 0);
  request.set_reply_bytes((4 << 20) + 1);
  EXPECT_EQ(stub->call("/lcp.Device/Probe", request, response).code(),
            StatusCode::InvalidArgument);
  request.mutable_padding()->resize(5 << 20);
  EXPECT_EQ(stub->call("/lcp.Device/Probe", request, response).code(),
            StatusCode::ResourceExhausted);
}

TEST(Stations, AreReadAsTheyAreWritten) {
  auto read = parseStations(formatStations({{"queue", 1, 2}, {"push", 2, 3}}));
  ASSERT_TRUE(read.has_value());
  ASSERT_EQ(read->size(), 2u);
  EXPECT_EQ((*read)[1].name, "push");
  EXPECT_EQ((*read)[1].end, 3);
  EXPECT_TRUE(parseStations("")->empty());
  std::string many;
  for (int i = 0; i < 17; ++i)
    many += "a 1 2 ";
  for (const std::string &bad :
       {std::string("a"), std::string("a 1"), std::string("a 2 1"),
        std::string("a -1 1"), std::string("a 1 99999999999999999999"),
        std::string(33, 'a') + " 1 2", many})
    EXPECT_FALSE(parseStations(bad).has_value()) << bad;
}
