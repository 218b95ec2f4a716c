//===- ClusterTest.cpp - A coordinator and its workers --------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestModels.h"
#include "TwoStageModel.h"

#include "runtime/bundle/Residency.h"
#include "runtime/cluster/Cluster.h"
#include "runtime/cluster/Placement.h"

#include <gtest/gtest.h>
#include <thread>

using namespace lcp;
using namespace lcp::rt;
using namespace lcp::rt::test;
using namespace std::chrono_literals;

namespace {

constexpr int width = 1000;

/// What a test does to a branch before it answers.
using Hook = std::function<Status(unsigned branch)>;

/// The branches of the model with index `b`, in both stages.
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
      std::vector<const float *> from;
      for (const void *tensor : in)
        from.push_back(static_cast<const float *>(tensor));
      std::vector<float *> to;
      for (void *tensor : outputs)
        to.push_back(static_cast<float *>(tensor));
      runTwoStageBranch(s, b, width, from, to);
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
    file.workers.push_back({address, std::move(branches), "", "",
                            unsigned(2 + file.workers.size())});
  }
  /// This process as one of the devices.
  void addLocal(const std::vector<unsigned> &branches, const Hook &hook = {}) {
    addToFile("local", branches);
    std::vector<std::unique_ptr<Servable>> models;
    for (unsigned b : branches)
      addBranch(model, b, "v1", hook, models);
    for (std::unique_ptr<Servable> &one : models) {
      const ModelSignature signature = one->signature();
      auto run = [one = std::shared_ptr<Servable>(std::move(one))](
                     Span<const void *const> in, Span<void *const> out) {
        ServableRun run;
        run.inputs = in;
        run.outputs = out;
        return one->run(run);
      };
      options.local.push_back({signature, std::move(run)});
    }
  }
  std::shared_ptr<Cluster> connect() {
    file.path = "c.yaml";
    auto cluster = Cluster::connect(model, "v1", file, options, problems);
    if (!cluster.ok())
      return nullptr;
    stages = Cluster::makeStages(*cluster);
    return *cluster;
  }
  Status infer() {
    for (int i = 0; i < width; ++i)
      values.floats(0)[i] = float(i);
    LCP_RETURN_IF_ERROR(stages->begin(deadline, images));
    came.assign(2, true);
    Status status;
    for (const ModelStep &step : model.steps)
      if (status.ok())
        status =
            stages->runStage(std::get<ModelStage>(step), values.pointers, came);
    stages->end();
    return status;
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

  ModelInfo model = makeTwoStageModel(2, width);
  Values values{model};
  ClusterFile file;
  ClusterOptions options;
  Deadline deadline = noDeadline;
  InputImages images;
  std::vector<bool> came;
  std::vector<std::string> problems;
  std::vector<std::unique_ptr<Server>> servers;
  std::unique_ptr<RemoteStages> stages;
};

} // namespace

TEST_F(ClusterTest, ScattersAndGathers) {
  addToFile(startWorker({0}), {0});
  addToFile(startWorker({1}), {1});
  auto cluster = connect();
  ASSERT_TRUE(cluster);
  for (int run = 0; run < 3; ++run) {
    Status status = infer();
    ASSERT_TRUE(status.ok()) << status.message();
    expectAnswer();
  }
}

TEST_F(ClusterTest, KeepsWhatOnlyTheBranchReads) {
  Residency residency = findResidency(model);
  // x, own, seen, out, own, seen, out
  std::vector<bool> stays;
  stays.reserve(residency.values.size());
  for (const Residency::Value &value : residency.values)
    stays.push_back(value.stays);
  EXPECT_EQ(stays,
            (std::vector<bool>{false, true, false, false, true, false, false}));
  addToFile(startWorker({0, 1}));
  options.relay = true;
  auto cluster = connect();
  ASSERT_TRUE(cluster);
  ASSERT_TRUE(infer().ok());
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

TEST_F(ClusterTest, CarriesInputAndAnswerOnly) {
  // Each branch reads what the other one has seen.
  model = makeTwoStageModel(2, width, /*crossed=*/true);
  addToFile(startWorker({0}), {0});
  addToFile(startWorker({1}), {1});
  auto cluster = connect();
  ASSERT_TRUE(cluster);
  constexpr uint64_t tensor = width * sizeof(float), slack = 1500;
  for (int run = 0; run < 3; ++run) {
    const Traffic before = cluster->traffic();
    Status status = infer();
    ASSERT_TRUE(status.ok()) << status.message();
    expectAnswer();
    // Per branch x goes there, and seen and out, the outputs, come back.
    const Traffic after = cluster->traffic();
    EXPECT_GE(after.sent - before.sent, 2 * tensor);
    EXPECT_LT(after.sent - before.sent, 2 * tensor + slack);
    EXPECT_GE(after.received - before.received, 4 * tensor);
    EXPECT_LT(after.received - before.received, 4 * tensor + slack);
  }
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
  ASSERT_TRUE(infer().ok());
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

// Names of machines that are switched off are unknown in many networks.
TEST_F(ClusterTest, GoesOnWithoutAWorkerWhoseNameIsUnknown) {
  addToFile(startWorker({0, 1}), {0, 1});
  addToFile("nobody.invalid:9000", {0});
  ASSERT_TRUE(connect());
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_NE(problems[0].find("worker nobody.invalid:9000"), std::string::npos)
      << problems[0];
  EXPECT_NE(problems[0].find("cannot find the host"), std::string::npos)
      << problems[0];
  EXPECT_TRUE(infer().ok());
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
  Status status = infer();
  EXPECT_EQ(status.message(), "worker " + bad + ", m.s0.b1: out of\\x0aluck");
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
  deadline = std::chrono::steady_clock::now() + 200ms;
  auto begin = std::chrono::steady_clock::now();
  Status status = infer();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 1500ms);
  EXPECT_EQ(status.code(), StatusCode::DeadlineExceeded);
  EXPECT_EQ(status.message(), "worker " + sleeper +
                                  ": no answer for m.s0.b1 before the deadline "
                                  "(--deadline-ms sets it)");
  slow = false;
  deadline = noDeadline;
  status = infer();
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
  EXPECT_EQ(infer().code(), StatusCode::DeadlineExceeded);
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
  Status status = infer();
  stopper.join();
  EXPECT_EQ(status.code(), StatusCode::Unavailable);
  EXPECT_EQ(status.message().rfind("worker " + going + ": ", 0), 0u)
      << status.message();
  status = infer();
  EXPECT_EQ(status.code(), StatusCode::Unavailable);
  EXPECT_EQ(status.message().rfind("worker " + going + ": ", 0), 0u)
      << status.message();
}

TEST_F(ClusterTest, ComputesABranchHereWhileOthersAreAtTheirs) {
  std::atomic<int> begun{0};
  // Branches of a stage end only together.
  auto meet = [&](unsigned) {
    const int mine = ++begun;
    for (int i = 0; begun < mine + mine % 2 && i < 5000; ++i)
      std::this_thread::sleep_for(1ms);
    return begun < mine + mine % 2 ? Status(StatusCode::Internal, "alone")
                                   : Status();
  };
  addLocal({1}, meet);
  std::string worker = startWorker({0}, meet);
  addToFile(worker, {0});
  auto cluster = connect();
  ASSERT_TRUE(cluster) << problems.front();
  EXPECT_EQ(
      cluster->describe(),
      (std::vector<std::string>{"m.s0.b0 on " + worker, "m.s0.b1 on local",
                                "m.s1.b0 on " + worker, "m.s1.b1 on local"}));
  EXPECT_EQ(stages->devicesHere(), (std::vector<bool>{false, true}));
  for (int run = 0; run < 3; ++run) {
    const Traffic before = cluster->traffic();
    Status status = infer();
    ASSERT_TRUE(status.ok()) << status.message();
    expectAnswer();
    // x and seen to the worker, and seen and out back: of one branch.
    constexpr uint64_t tensor = width * sizeof(float), slack = 1000;
    const Traffic after = cluster->traffic();
    EXPECT_LT(after.sent - before.sent, 2 * tensor + slack);
    EXPECT_LT(after.received - before.received, 2 * tensor + slack);
  }
}

TEST(Placement, KnowsWhatRunsHere) {
  using Here = std::vector<bool>;
  auto here = [](const std::vector<ClusterWorker> &workers) {
    ClusterFile file;
    file.workers = workers;
    std::vector<std::string> problems;
    return Placement(file, {true, true}, problems).devicesHere();
  };
  const ClusterWorker local{"local", {}, "", "", 2};
  const ClusterWorker first{"127.0.0.1:1", {0}, "", "", 3};
  const ClusterWorker any{"127.0.0.1:2", {}, "", "", 4};
  EXPECT_EQ(here({local}), (Here{true, true}));
  EXPECT_EQ(here({local, first}), (Here{false, true}));
  EXPECT_EQ(here({first, any}), (Here{false, false}));
  // Whoever of the two has less to do.
  EXPECT_EQ(here({first, local, any}), std::nullopt);
}

TEST_F(ClusterTest, NeedsNoWorkerWhereAllIsHere) {
  addLocal({0, 1});
  model = makeTwoStageModel(2, width, /*crossed=*/true);
  auto cluster = connect();
  ASSERT_TRUE(cluster) << problems.front();
  for (int run = 0; run < 3; ++run) {
    ASSERT_TRUE(infer().ok());
    expectAnswer();
  }
  EXPECT_EQ(cluster->traffic().sent, 0u);
}

// What the worker kept goes with it, and is computed again here.
TEST_F(ClusterTest, GoesOnHereWhenAWorkerIsGone) {
  std::atomic<bool> stage{false}, dies{false};
  addToFile(startWorker({0}), {0});
  addToFile(startWorker({1},
                        [&](unsigned) {
                          stage = !stage;
                          return dies && !stage
                                     ? Status(StatusCode::Unavailable, "gone")
                                     : Status();
                        }),
            {1});
  addLocal({1});
  auto cluster = connect();
  ASSERT_TRUE(cluster) << problems.front();
  for (bool now : {false, true}) {
    dies = now;
    Status status = infer();
    ASSERT_TRUE(status.ok()) << status.message();
    expectAnswer();
  }
}

// The time that the loop takes for a change must not grow with the square of
// the fleet: this took more than half a minute.
TEST_F(ClusterTest, GoesOnWithoutThousandsOfWorkers) {
  addLocal({0, 1});
  for (unsigned i = 0; i < 2000; ++i)
    addToFile("127.1." + std::to_string(i / 250) + "." +
                  std::to_string(1 + i % 250) + ":1",
              {0});
  options.log = [](const std::string &) {};
  const auto begun = std::chrono::steady_clock::now();
  auto cluster = connect();
  ASSERT_TRUE(cluster) << problems.front();
  EXPECT_EQ(problems.size(), 2000u);
  for (int run = 0; run < 5; ++run) {
    ASSERT_TRUE(infer().ok());
    expectAnswer();
  }
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 10s);
}

TEST_F(ClusterTest, GivesUpOnThisMachineAtTheDeadlineToo) {
  std::atomic<bool> slow{true};
  addToFile(startWorker({0}), {0});
  addLocal({1}, [&](unsigned) {
    for (int i = 0; slow && i < 2000; ++i)
      std::this_thread::sleep_for(1ms);
    return Status();
  });
  auto cluster = connect();
  ASSERT_TRUE(cluster) << problems.front();
  deadline = std::chrono::steady_clock::now() + 500ms;
  Status status = infer();
  EXPECT_EQ(status.code(), StatusCode::DeadlineExceeded);
  EXPECT_EQ(status.message().rfind("worker local: no answer for m.s0.b1", 0),
            0u)
      << status.message();
  slow = false;
  deadline = noDeadline;
  status = infer();
  EXPECT_TRUE(status.ok()) << status.message();
  expectAnswer();
}

TEST_F(ClusterTest, SaysWhatThisMachineDoesNotHave) {
  addToFile(startWorker({0}), {0});
  addLocal({});
  file.workers.back().branches = {1};
  EXPECT_FALSE(connect());
  EXPECT_EQ(problems,
            (std::vector<std::string>{"worker local does not serve m.s0.b1"}));
}
