//===- SchedulerTest.cpp - The life of an inference -----------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestCalls.h"

#include "runtime/rpc/Limits.h"
#include "runtime/serving/ComputeQueue.h"
#include "runtime/serving/ShortRuns.h"

#include "health.pb.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <unistd.h>

using namespace lcp;
using namespace lcp::rt;
using namespace lcp::rt::test;
using inference::ModelInferRequest;
using inference::ModelInferResponse;

namespace {

/// A doubler that computes once it is let go, and counts what it computed.
struct Gate {
  std::atomic<bool> open{false};
  std::atomic<int> entered{0};

  std::unique_ptr<Servable> model() {
    return std::make_unique<LambdaModel>(
        "double", std::vector<TensorSpec>{{"in", ElementType::F32, {1, 4}}},
        std::vector<TensorSpec>{{"out", ElementType::F32, {1, 4}}},
        [this](Span<const void *const> in, Span<void *const> out, Deadline) {
          ++entered;
          while (!open)
            std::this_thread::sleep_for(1ms);
          for (int i = 0; i < 4; ++i)
            static_cast<float *>(out[0])[i] =
                2 * static_cast<const float *>(in[0])[i];
          return Status();
        });
  }
};

/// What "GET path" is answered with.
std::string get(const std::string &address, const std::string &request) {
  SocketAddress where = *parseNumericAddress(address);
  int descriptor = ::socket(where.family(), SOCK_STREAM, 0);
  std::string answer;
  if (::connect(descriptor, where.get(), where.size) == 0 &&
      ::send(descriptor, request.data(), request.size(), MSG_NOSIGNAL) > 0) {
    char bytes[4096];
    for (ssize_t n; (n = ::recv(descriptor, bytes, sizeof(bytes), 0)) > 0;)
      answer.append(bytes, size_t(n));
  }
  ::close(descriptor);
  return answer;
}

} // namespace

TEST(ComputeQueue, RunsInOrderAndDropsWhatIsTakenOut) {
  auto queue = *ComputeQueue::start(1, 4);
  std::promise<void> letGo;
  std::vector<int> ran;
  std::promise<void> done;
  EXPECT_NE(queue->add([&] { letGo.get_future().wait(); }), 0u);
  EXPECT_TRUE(eventually([&] { return queue->size() == 1; }));
  EXPECT_NE(queue->add([&] { ran.push_back(1); }), 0u);
  auto second = queue->add([&] { ran.push_back(2); });
  EXPECT_NE(queue->add([&] {
    ran.push_back(3);
    done.set_value();
  }),
            0u);
  EXPECT_EQ(queue->add([&] { ran.push_back(4); }), 0u) << "it is full";
  EXPECT_TRUE(queue->remove(second));
  EXPECT_FALSE(queue->remove(second));
  EXPECT_EQ(queue->size(), 3u);
  letGo.set_value();
  done.get_future().wait();
  EXPECT_EQ(ran, (std::vector<int>{1, 3}));
}

// 283 restarts of a client under load once gave 85 refusals: what they had left
// behind kept its place until it was computed.
TEST(Scheduler, DoesNotComputeWhatNobodyWaitsFor) {
  Gate gate;
  auto server = serve(gate.model());
  ASSERT_TRUE(server);
  auto patient = connectTo(server->address());
  auto first = start(*patient, makeRequest({1, 2, 3, 4}));
  ASSERT_TRUE(eventually([&] { return gate.entered == 1; }));
  for (int restart = 0; restart < 20; ++restart) {
    auto hasty = connectTo(server->address());
    std::vector<std::future<Result<Bytes>>> calls;
    for (int i = 1; i < inferencesAtATime; ++i)
      calls.push_back(start(*hasty, makeRequest({0, 0, 0, 0})));
    inference::ServerReadyResponse ready;
    // The calls have arrived when this has, which came after them.
    ASSERT_TRUE(
        hasty->call("ServerReady", inference::ServerReadyRequest(), ready)
            .ok());
    for (auto &call : calls)
      ASSERT_EQ(call.wait_for(0s), std::future_status::timeout)
          << "refused in round " << restart;
    hasty.reset();
    // Until the server has seen that.
    auto probe = connectTo(server->address());
    ASSERT_TRUE(eventually([&] {
      auto call = start(*probe, makeRequest({0, 0, 0, 0}), in(50ms));
      return call.get().status().code() == StatusCode::DeadlineExceeded;
    }));
  }
  gate.open = true;
  EXPECT_EQ(floatsOf(first.get()), (std::vector<float>{2, 4, 6, 8}));
  server->stop(5s);
  EXPECT_EQ(gate.entered, 1);
}

TEST(Scheduler, RefusesOnlyWhenItIsFull) {
  Gate gate;
  auto server = serve(gate.model());
  ASSERT_TRUE(server);
  auto client = connectTo(server->address());
  std::vector<std::future<Result<Bytes>>> calls;
  calls.reserve(inferencesAtATime);
  for (int i = 0; i < inferencesAtATime; ++i)
    calls.push_back(start(*client, makeRequest({1, 2, 3, 4})));
  EXPECT_EQ(start(*client, makeRequest({0, 0, 0, 0})).get().status().code(),
            StatusCode::ResourceExhausted);
  gate.open = true;
  for (auto &call : calls)
    EXPECT_TRUE(call.get().ok());
}

namespace {

/// Two runs of it end only together.
class PairModel final : public Servable {
public:
  PairModel() : Servable({"pair", "v1", {}, {}}) {}
  size_t concurrency() const override { return 2; }
  Status run(ServableRun &) override {
    const int mine = ++entered;
    EXPECT_TRUE(eventually([&] { return entered >= mine + mine % 2; }));
    return Status();
  }

private:
  std::atomic<int> entered{0};
};

} // namespace

TEST(Scheduler, RunsSideBySideWhatOthersCompute) {
  auto server = serve(std::make_unique<PairModel>());
  ASSERT_TRUE(server);
  auto client = connectTo(server->address());
  ModelInferRequest request;
  request.set_model_name("pair");
  std::vector<std::future<Result<Bytes>>> calls;
  calls.reserve(10);
  for (int i = 0; i < 10; ++i)
    calls.push_back(start(*client, request));
  for (auto &call : calls)
    EXPECT_TRUE(call.get().ok());
}

TEST(ShortRuns, BelievesALongOneAtOnce) {
  ShortRuns runs;
  EXPECT_FALSE(runs.areExpected());
  for (unsigned i = 0; i < ShortRuns::needed; ++i)
    runs.add(ShortRuns::longest);
  EXPECT_TRUE(runs.areExpected());
  runs.add(ShortRuns::longest + 1ns);
  EXPECT_FALSE(runs.areExpected());
  for (unsigned i = 1; i < ShortRuns::needed; ++i)
    runs.add(1us);
  EXPECT_FALSE(runs.areExpected());
  runs.add(1us);
  EXPECT_TRUE(runs.areExpected());
}

namespace {

/// Takes no time until it is told to wait, and says which thread it runs on.
struct Runner {
  std::atomic<std::thread::id> thread{std::thread::id()};
  std::atomic<int> runs{0};
  std::atomic<bool> waits{false};

  std::unique_ptr<Servable> model() {
    return std::make_unique<LambdaModel>(
        "runner", std::vector<TensorSpec>{}, std::vector<TensorSpec>{},
        [this](Span<const void *const>, Span<void *const>, Deadline) {
          thread = std::this_thread::get_id();
          ++runs;
          if (waits)
            std::this_thread::sleep_for(5ms);
          return Status();
        });
  }
};

} // namespace

TEST(Scheduler, RunsWhatIsShortWithoutAnotherThread) {
  Runner runner;
  auto server = serve(runner.model());
  ASSERT_TRUE(server);
  auto client = connectTo(server->address());
  ModelInferRequest request;
  ModelInferResponse response;
  request.set_model_name("runner");
  ASSERT_TRUE(infer(*client, request, response).ok());
  const std::thread::id computing = runner.thread;
  // Sooner or later a busy machine lets so many pass without a pause.
  bool ranElsewhere = false;
  EXPECT_TRUE(eventually([&] {
    EXPECT_TRUE(infer(*client, request, response).ok());
    return ranElsewhere |= runner.thread != computing;
  }));
  EXPECT_GT(runner.runs, int(ShortRuns::needed));
  // One that takes long may hit the loop's thread, the next one does not.
  runner.waits = true;
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(infer(*client, request, response).ok());
    if (i > 0) {
      EXPECT_EQ(runner.thread, computing) << i;
    }
  }
}

TEST(Scheduler, AnswersShortOnesThatComeAtOnce) {
  Runner runner;
  auto server = serve(runner.model());
  ASSERT_TRUE(server);
  auto client = connectTo(server->address());
  ModelInferRequest request;
  request.set_model_name("runner");
  for (int round = 0; round < 20; ++round) {
    std::vector<std::future<Result<Bytes>>> calls;
    calls.reserve(inferencesAtATime);
    for (int i = 0; i < inferencesAtATime; ++i)
      calls.push_back(start(*client, request));
    for (auto &call : calls)
      EXPECT_TRUE(call.get().ok());
  }
  EXPECT_EQ(runner.runs, 20 * inferencesAtATime);
}

TEST(Scheduler, TakesTheBlameForWhatAModelDoesNotLike) {
  auto server = serve(std::make_unique<LambdaModel>(
      "odd", std::vector<TensorSpec>{}, std::vector<TensorSpec>{},
      [](Span<const void *const>, Span<void *const>, Deadline) {
        return Status(StatusCode::InvalidArgument,
                      "worker A: its answer has no outputs");
      }));
  ASSERT_TRUE(server);
  ModelInferRequest request;
  ModelInferResponse response;
  request.set_model_name("odd");
  Status status = infer(*connectTo(server->address()), request, response);
  EXPECT_EQ(status.code(), StatusCode::Internal);
  EXPECT_EQ(status.message(), "worker A: its answer has no outputs");
}

namespace {

/// Answers without what two devices would have computed.
class DegradedModel final : public Servable {
public:
  DegradedModel() : Servable({"degraded", "v1", {}, {}}) {}
  Status run(ServableRun &run) override {
    run.missing = {0, 2};
    return Status();
  }
};

} // namespace

TEST(Scheduler, SaysWhatAnAnswerIsWithout) {
  auto server = serve(std::make_unique<DegradedModel>());
  ASSERT_TRUE(server);
  auto client = connectTo(server->address());
  ModelInferRequest request;
  request.set_model_name("degraded");
  for (int i = 0; i < 2; ++i) {
    ModelInferResponse response;
    ASSERT_TRUE(infer(*client, request, response).ok());
    EXPECT_EQ(response.parameters().at("lcp_missing").string_param(), "0,2");
  }
  server = serve(makeDoubler());
  ModelInferResponse whole;
  ASSERT_TRUE(
      infer(*connectTo(server->address()), makeRequest({1, 2, 3, 4}), whole)
          .ok());
  EXPECT_EQ(whole.parameters_size(), 0);
}

TEST(Scheduler, TakesADeadlineFarAwayForNone) {
  auto server = serve(makeDoubler());
  ASSERT_TRUE(server);
  auto client = connectTo(server->address());
  ModelInferResponse response;
  for (Deadline deadline : {in(std::chrono::hours(876000)), noDeadline}) {
    Status status =
        infer(*client, makeRequest({1, 2, 3, 4}), response, deadline);
    EXPECT_TRUE(status.ok()) << status.message();
  }
}

namespace {

class UnreadyModel final : public Servable {
public:
  explicit UnreadyModel(std::atomic<bool> &isReady)
      : Servable({"m", "v1", {}, {}}), isReady(isReady) {}
  Status run(ServableRun &) override { return Status(); }
  Status ready() const override {
    return isReady ? Status()
                   : Status(StatusCode::Unavailable, "branch 1 has no worker");
  }

private:
  std::atomic<bool> &isReady;
};

} // namespace

TEST(Service, TellsTheTruthAboutReadiness) {
  std::atomic<bool> isReady{true};
  ServerOptions options;
  options.metrics = "127.0.0.1:0";
  auto server = serve(std::make_unique<UnreadyModel>(isReady), options);
  ASSERT_TRUE(server);
  auto client = connectTo(server->address());
  for (bool expected : {true, false, true}) {
    isReady = expected;
    inference::ServerReadyResponse ready;
    ASSERT_TRUE(
        client->call("ServerReady", inference::ServerReadyRequest(), ready)
            .ok());
    EXPECT_EQ(ready.ready(), expected);
    inference::ModelReadyRequest which;
    inference::ModelReadyResponse modelReady;
    which.set_name("m");
    ASSERT_TRUE(client->call("ModelReady", which, modelReady).ok());
    EXPECT_EQ(modelReady.ready(), expected);
    grpc::health::v1::HealthCheckResponse health;
    ASSERT_TRUE(client
                    ->call("/grpc.health.v1.Health/Check",
                           grpc::health::v1::HealthCheckRequest(), health)
                    .ok());
    EXPECT_EQ(health.status() == grpc::health::v1::HealthCheckResponse::SERVING,
              expected);
    std::string page =
        get(server->metricsAddress(), "GET /metrics HTTP/1.1\r\n\r\n");
    EXPECT_NE(page.find("lcp_ready{model=\"m\",version=\"v1\"} " +
                        std::to_string(int(expected)) + "\n"),
              std::string::npos)
        << page;
  }
  grpc::health::v1::HealthCheckRequest unknown;
  grpc::health::v1::HealthCheckResponse health;
  unknown.set_service("none");
  EXPECT_EQ(
      client->call("/grpc.health.v1.Health/Check", unknown, health).code(),
      StatusCode::NotFound);
  Status watch = client->call("/grpc.health.v1.Health/Watch",
                              grpc::health::v1::HealthCheckRequest(), health);
  EXPECT_EQ(watch.code(), StatusCode::Unsupported) << watch.message();
}

TEST(Service, RefusesWhatIsNoMessage) {
  auto server = serve(makeDoubler());
  ASSERT_TRUE(server);
  TestClient client(server->address());
  for (const char *method :
       {"/inference.GRPCInferenceService/ModelInfer",
        "/inference.GRPCInferenceService/ModelReady",
        "/inference.GRPCInferenceService/ModelMetadata",
        "/grpc.health.v1.Health/Check", "/lcp.ShardExchange/Push"})
    for (const std::string &bytes :
         {std::string("\xff\xff\xff"), std::string("\x3a\xff\xff\xff\xff\x0f"),
          std::string(1, '\0'), std::string("\x0b\x0b\x0b")})
      EXPECT_EQ(client.call(method, Message(bytes)).status().code(),
                StatusCode::InvalidArgument)
          << method;
}

TEST(MetricsPage, CountsAndAnswersOneQuestion) {
  ServerOptions options;
  options.metrics = "127.0.0.1:0";
  auto server = serve(makeDoubler(), options);
  ASSERT_TRUE(server);
  auto client = connectTo(server->address());
  ModelInferResponse response;
  ASSERT_TRUE(infer(*client, makeRequest({1, 2, 3, 4}), response).ok());
  auto wrong = makeRequest({1, 2, 3, 4});
  wrong.mutable_inputs(0)->set_datatype("INT8");
  ASSERT_FALSE(infer(*client, wrong, response).ok());
  const std::string address = server->metricsAddress();
  // The answer is here a moment before its place in the queue is free.
  std::string page;
  EXPECT_TRUE(eventually([&] {
    page = get(address, "GET /metrics HTTP/1.1\r\nHost: here\r\n\r\n");
    return page.find("\nlcp_queue_length 0\n") != std::string::npos;
  }));
  EXPECT_EQ(page.rfind("HTTP/1.1 200 OK\r\n", 0), 0u) << page;
  for (const char *line :
       {"lcp_requests_total{model=\"double\",code=\"ok\"} 1\n",
        "lcp_requests_total{model=\"double\",code=\"invalid argument\"} 1\n",
        "lcp_compute_seconds_count{model=\"double\"} 1\n",
        "lcp_compute_seconds_bucket{model=\"double\",le=\"+Inf\"} 1\n",
        "# TYPE lcp_queue_length gauge\n", "lcp_connections 1\n",
        "process_resident_memory_bytes "})
    EXPECT_NE(page.find(line), std::string::npos) << line << page;
  EXPECT_EQ(get(address, "GET / HTTP/1.1\r\n\r\n").rfind("HTTP/1.1 404", 0),
            0u);
  EXPECT_EQ(
      get(address, "POST /metrics HTTP/1.1\r\n\r\n").rfind("HTTP/1.1 405", 0),
      0u);
  EXPECT_EQ(get(address, std::string(9000, 'x')), "");
}

TEST(Residents, GoWithTheirConnection) {
  ServerOptions options;
  options.metrics = "127.0.0.1:0";
  auto server = serve(makeDoubler(), options);
  ASSERT_TRUE(server);
  auto kept = [&] {
    std::string page =
        get(server->metricsAddress(), "GET /metrics HTTP/1.1\r\n\r\n");
    return page.find("\nlcp_resident_bytes 0\n") == std::string::npos;
  };
  auto client = connectTo(server->address());
  ModelInferRequest request = makeRequest({1, 2, 3, 4});
  request.set_id("r");
  auto &output = *request.add_outputs();
  output.set_name("out");
  (*output.mutable_parameters())["lcp_keep"].set_string_param("k");
  ModelInferResponse response;
  ASSERT_TRUE(infer(*client, request, response).ok());
  EXPECT_TRUE(kept());
  client.reset();
  EXPECT_TRUE(eventually([&] { return !kept(); }));
}
