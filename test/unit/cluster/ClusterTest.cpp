//===- ClusterTest.cpp - A coordinator and its workers --------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestModels.h"

#include "runtime/bundle/Residency.h"
#include "runtime/cluster/Cluster.h"

#include <gtest/gtest.h>
#include <thread>

using namespace lcp;
using namespace lcp::rt;
using namespace lcp::rt::test;
using namespace std::chrono_literals;

namespace {

constexpr int width = 1000;

/// x -> stage 0: own_b = x + b + 1 -> stage 1: out_b = own_b * side_b, where
/// side_b is what stage 0 sends back as well; outputs out_0, out_1.
ModelInfo makeModel() {
  ModelInfo model;
  model.name = "m";
  auto value = [&](const std::string &name) {
    model.values.push_back({name, ElementType::F32, {width}});
    return uint32_t(model.values.size() - 1);
  };
  uint32_t x = value("x");
  model.inputs.push_back({x, {}});
  ModelStage first, second;
  first.parallel = second.parallel = true;
  second.index = 1;
  for (unsigned b = 0; b < 2; ++b) {
    std::string suffix = std::to_string(b);
    uint32_t own = value("own" + suffix), seen = value("seen" + suffix),
             out = value("out" + suffix);
    ModelBranch branch;
    branch.name = "s0.b" + suffix;
    branch.inputs = {x};
    branch.outputs = {own, seen};
    first.branches.push_back(branch);
    branch.name = "s1.b" + suffix;
    branch.inputs = {own, seen};
    branch.outputs = {out};
    second.branches.push_back(branch);
    model.outputs.push_back({seen, {}});
    model.outputs.push_back({out, {}});
  }
  model.steps = {first, second};
  return model;
}

/// Memory for every value.
struct Values {
  explicit Values(const ModelInfo &model) {
    for (const TensorSpec &spec : model.values) {
      buffers.push_back(*AlignedBuffer::allocate(*byteSize(spec)));
      pointers.push_back(buffers.back().data());
    }
  }
  float *floats(uint32_t value) {
    return reinterpret_cast<float *>(pointers[value]);
  }
  std::vector<AlignedBuffer> buffers;
  std::vector<std::byte *> pointers;
};

/// What a test does to a branch before it answers.
using Hook = std::function<Status(unsigned branch)>;

/// The branches of makeModel with index `b`, in both stages.
void addBranch(const ModelInfo &model, unsigned b, const std::string &version,
               const Hook &hook, std::vector<std::unique_ptr<Servable>> &out) {
  for (unsigned s = 0; s < 2; ++s) {
    const auto &stage = std::get<ModelStage>(model.steps[s]);
    ModelSignature signature =
        branchSignature(model, version, stage.branches[b]);
    auto run = [=](Span<const void *const> in, Span<void *const> outputs,
                   Deadline) -> Status {
      if (hook)
        LCP_RETURN_IF_ERROR(hook(b));
      auto *x = static_cast<const float *>(in[0]);
      for (int i = 0; i < width; ++i) {
        if (s == 0) {
          static_cast<float *>(outputs[0])[i] = x[i] + float(b) + 1;
          static_cast<float *>(outputs[1])[i] = x[i] * 10;
        } else {
          static_cast<float *>(outputs[0])[i] =
              x[i] * static_cast<const float *>(in[1])[i];
        }
      }
      return Status();
    };
    out.push_back(std::make_unique<LambdaModel>(signature, run));
  }
}

class ClusterTest : public testing::Test {
protected:
  /// A worker for these branches; its address.
  std::string startWorker(const std::vector<unsigned> &branches,
                          const Hook &hook = {},
                          const std::string &version = "v1") {
    std::vector<std::unique_ptr<Servable>> models;
    for (unsigned b : branches)
      addBranch(model, b, version, hook, models);
    auto server = startServer(std::move(models));
    servers.push_back(*std::move(server));
    return servers.back()->address();
  }
  void addToFile(const std::string &address,
                 std::vector<unsigned> branches = {}) {
    file.workers.push_back(
        {address, std::move(branches), "", unsigned(2 + file.workers.size())});
  }
  std::unique_ptr<Cluster> connect() {
    file.path = "c.yaml";
    auto cluster = Cluster::connect(model, "v1", file, options, problems);
    return cluster.ok() ? *std::move(cluster) : nullptr;
  }
  Status infer(Cluster &cluster) {
    for (int i = 0; i < width; ++i)
      values.floats(0)[i] = float(i);
    for (const ModelStep &step : model.steps)
      LCP_RETURN_IF_ERROR(
          cluster.runStage(std::get<ModelStage>(step), values.pointers));
    return Status();
  }
  void expectAnswer() {
    for (unsigned b = 0; b < 2; ++b)
      for (int i = 0; i < width; ++i) {
        ASSERT_EQ(values.floats(2 + 3 * b)[i], float(i) * 10);
        ASSERT_EQ(values.floats(3 + 3 * b)[i],
                  (float(i) + float(b) + 1) * (float(i) * 10));
      }
  }
  /// A port that nobody listens on.
  std::string deadAddress() {
    auto server = serve(makeDoubler());
    return server->address();
  }

  ModelInfo model = makeModel();
  Values values{model};
  ClusterFile file;
  ClusterOptions options;
  std::vector<std::string> problems;
  std::vector<std::unique_ptr<Server>> servers;
};

} // namespace

TEST_F(ClusterTest, ScattersAndGathers) {
  addToFile(startWorker({0}), {0});
  addToFile(startWorker({1}), {1});
  auto cluster = connect();
  ASSERT_TRUE(cluster);
  for (int run = 0; run < 3; ++run) {
    Status status = infer(*cluster);
    ASSERT_TRUE(status.ok()) << status.message();
    expectAnswer();
  }
}

TEST_F(ClusterTest, KeepsWhatOnlyTheBranchReads) {
  Residency residency = findResidency(model);
  // x, own, seen, out, own, seen, out
  std::vector<bool> stays;
  for (const Residency::Value &value : residency.values)
    stays.push_back(value.stays);
  EXPECT_EQ(stays,
            (std::vector<bool>{false, true, false, false, true, false, false}));
  addToFile(startWorker({0, 1}));
  auto cluster = connect();
  ASSERT_TRUE(cluster);
  ASSERT_TRUE(infer(*cluster).ok());
  expectAnswer();
  // Per branch: x and seen go there, seen and out come back, own does neither.
  constexpr uint64_t tensor = width * sizeof(float), slack = 1000;
  Traffic traffic = cluster->traffic();
  EXPECT_GE(traffic.sent, 4 * tensor);
  EXPECT_LT(traffic.sent, 4 * tensor + slack);
  EXPECT_GE(traffic.received, 4 * tensor);
  EXPECT_LT(traffic.received, 4 * tensor + slack);
  // What was kept never came here.
  EXPECT_EQ(values.floats(1)[5], 0);
}

TEST_F(ClusterTest, KeepsNothingWhenTheNextStageIsOnOtherDevices) {
  std::get<ModelStage>(model.steps[1]).firstDevice = 1;
  for (const Residency::Value &value : findResidency(model).values)
    EXPECT_FALSE(value.stays);
}

TEST_F(ClusterTest, NobodyHasToServeADeviceThatNoStageUses) {
  for (ModelStep &step : model.steps)
    std::get<ModelStage>(step).firstDevice = 3;
  std::string listed = startWorker({0}), open = startWorker({1});
  addToFile(open);
  addToFile(listed, {3});
  auto cluster = connect();
  ASSERT_TRUE(cluster);
  EXPECT_EQ(
      cluster->describe(),
      (std::vector<std::string>{"m.s0.b0 on " + listed, "m.s0.b1 on " + open,
                                "m.s1.b0 on " + listed, "m.s1.b1 on " + open}));
  ASSERT_TRUE(infer(*cluster).ok());
  expectAnswer();
}

TEST_F(ClusterTest, SpreadsBranchesOverWorkersWithoutLists) {
  std::string first = startWorker({0, 1}), second = startWorker({0, 1});
  addToFile(first);
  addToFile(second);
  auto cluster = connect();
  ASSERT_TRUE(cluster);
  EXPECT_EQ(cluster->describe(),
            (std::vector<std::string>{
                "m.s0.b0 on " + first, "m.s0.b1 on " + second,
                "m.s1.b0 on " + first, "m.s1.b1 on " + second}));
}

TEST_F(ClusterTest, NamesEveryMissingWorker) {
  std::string here = startWorker({0}), gone1 = deadAddress(),
              gone2 = deadAddress();
  addToFile(here);
  addToFile(gone1);
  addToFile(gone2);
  EXPECT_FALSE(connect());
  ASSERT_EQ(problems.size(), 2u);
  EXPECT_EQ(problems[0].rfind(
                "worker " + gone1 + " cannot be reached: nobody listens ", 0),
            0u)
      << problems[0];
  EXPECT_EQ(problems[1].rfind(
                "worker " + gone2 + " cannot be reached: nobody listens ", 0),
            0u)
      << problems[1];
}

TEST_F(ClusterTest, NamesTheWorkerWithAnotherBundle) {
  std::string other = startWorker({0, 1}, {}, "v0");
  addToFile(other);
  EXPECT_FALSE(connect());
  EXPECT_EQ(problems, (std::vector<std::string>{
                          "worker " + other +
                          " serves m.s0.b0 from another "
                          "bundle: its hash is v0, this one's v1"}));
}

TEST_F(ClusterTest, NamesWhatNobodyServes) {
  std::string only = startWorker({0});
  addToFile(only);
  EXPECT_FALSE(connect());
  EXPECT_EQ(problems,
            (std::vector<std::string>{"c.yaml: no worker serves branch 1"}));
  problems.clear();
  file.workers.clear();
  addToFile(only, {0, 1});
  EXPECT_FALSE(connect());
  EXPECT_EQ(problems, (std::vector<std::string>{"worker " + only +
                                                " does not serve m.s0.b1"}));
  problems.clear();
  file.workers.clear();
  addToFile(only, {0, 7});
  EXPECT_FALSE(connect());
  EXPECT_EQ(problems, (std::vector<std::string>{
                          "c.yaml:2: there is no branch 7; the model has 2"}));
  problems.clear();
  file.workers.clear();
  auto doubler = serve(makeDoubler());
  addToFile(doubler->address());
  EXPECT_FALSE(connect());
  EXPECT_EQ(problems,
            (std::vector<std::string>{"worker " + doubler->address() +
                                      " serves no branch of this model"}));
}

TEST_F(ClusterTest, RefusesOtherMachinesWithoutTls) {
  addToFile("192.0.2.1:9000");
  EXPECT_FALSE(connect());
  EXPECT_EQ(problems, (std::vector<std::string>{
                          "worker 192.0.2.1:9000 is on another machine: that "
                          "needs --tls=DIR (ca.pem, cert.pem, key.pem)"}));
}

TEST_F(ClusterTest, NamesTheWorkerThatFails) {
  addToFile(startWorker({0}));
  std::string bad = startWorker({1}, [](unsigned) {
    return Status(StatusCode::Internal, "out of\nluck");
  });
  addToFile(bad);
  auto cluster = connect();
  ASSERT_TRUE(cluster);
  Status status = infer(*cluster);
  EXPECT_EQ(status.message(), "worker " + bad + ", m.s0.b1: out of luck");
}

TEST_F(ClusterTest, GivesUpAtTheDeadlineAndWorksAgain) {
  std::atomic<bool> slow{true};
  addToFile(startWorker({0}));
  std::string sleeper = startWorker({1}, [&](unsigned) {
    for (int i = 0; slow && i < 2000; ++i)
      std::this_thread::sleep_for(1ms);
    return Status();
  });
  addToFile(sleeper);
  auto cluster = connect();
  ASSERT_TRUE(cluster);
  cluster->limitDeadline(std::chrono::steady_clock::now() + 200ms);
  auto begin = std::chrono::steady_clock::now();
  Status status = infer(*cluster);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 1500ms);
  EXPECT_EQ(status.code(), StatusCode::DeadlineExceeded);
  EXPECT_EQ(status.message(), "worker " + sleeper +
                                  ": no answer for m.s0.b1 before the deadline "
                                  "(--deadline-ms sets it)");
  slow = false;
  status = infer(*cluster);
  EXPECT_TRUE(status.ok()) << status.message();
  expectAnswer();
}

TEST_F(ClusterTest, HasADeadlineOfItsOwn) {
  addToFile(startWorker({0, 1}, [](unsigned) {
    std::this_thread::sleep_for(2s);
    return Status();
  }));
  options.timeout = 1s;
  auto cluster = connect();
  ASSERT_TRUE(cluster);
  EXPECT_EQ(infer(*cluster).code(), StatusCode::DeadlineExceeded);
}

// A worker that is stopped for good while it runs a request, and one that is
// not there any more at the next request.
TEST_F(ClusterTest, NamesTheWorkerThatWentAway) {
  std::atomic<bool> entered{false}, leave{false};
  addToFile(startWorker({0}));
  std::string going = startWorker({1}, [&](unsigned) {
    entered = true;
    while (!leave)
      std::this_thread::sleep_for(1ms);
    return Status();
  });
  addToFile(going);
  auto cluster = connect();
  ASSERT_TRUE(cluster);
  std::thread stopper([&] {
    while (!entered)
      std::this_thread::sleep_for(1ms);
    std::thread letGo([&] {
      std::this_thread::sleep_for(100ms);
      leave = true;
    });
    servers[1]->stop(0ms);
    letGo.join();
  });
  Status status = infer(*cluster);
  stopper.join();
  EXPECT_EQ(status.code(), StatusCode::Unavailable);
  EXPECT_EQ(status.message().rfind("worker " + going + ": ", 0), 0u)
      << status.message();
  status = infer(*cluster);
  EXPECT_EQ(status.code(), StatusCode::Unavailable);
  EXPECT_EQ(status.message().rfind("worker " + going + ": ", 0), 0u)
      << status.message();
}
