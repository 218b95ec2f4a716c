//===- CoordinatorTest.cpp - What becomes of requests ---------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FakeNetwork.h"
#include "TwoStageModel.h"

#include "runtime/cluster/Coordinator.h"

#include <gtest/gtest.h>

using namespace lcp;
using namespace lcp::rt;
using namespace lcp::rt::test;
using namespace std::chrono_literals;

namespace {

constexpr size_t width = 8;

using Fate = FakeNetwork::Fate;

/// One inference of the model, from x = 0, 1, 2, … on.
struct Inference {
  explicit Inference(const ModelInfo &model) : values(model) {
    for (size_t i = 0; i < width; ++i)
      values.floats(0)[i] = float(i);
  }
  bool over() const { return ended; }

  Values values;
  std::shared_ptr<Request> request;
  bool ended = false;
  Status status;
  std::vector<bool> came;
  TimePoint end;
};

class CoordinatorTest : public testing::Test {
protected:
  CoordinatorTest() { options.relay = true; }
  /// The workers are in the network already.
  void makeCoordinator(const std::vector<std::vector<unsigned>> &lists) {
    ClusterFile file;
    file.path = "c.yaml";
    for (size_t worker = 0; worker < lists.size(); ++worker) {
      ClusterWorker entry;
      entry.address = "w" + std::to_string(worker) + ":1";
      entry.branches = lists[worker];
      entry.line = unsigned(2 + worker);
      file.workers.push_back(entry);
    }
    placement.emplace(file, std::vector<bool>(2, true), problems);
    coordinator = std::make_unique<Coordinator>(model, "v1", *placement,
                                                network, options);
    coordinator->start({});
  }
  /// One worker for each branch, and spares that serve both.
  void makeFleet(unsigned spares) {
    std::vector<std::vector<unsigned>> lists = {{0}, {1}};
    for (unsigned b = 0; b < 2; ++b)
      network.addWorker({b});
    for (unsigned i = 0; i < spares; ++i) {
      network.addWorker({0, 1});
      lists.push_back({});
    }
    makeCoordinator(lists);
    ASSERT_TRUE(network.runUntil([&] { return coordinator->isSettled(); }, 1s));
    ASSERT_TRUE(coordinator->isCovered());
  }
  std::unique_ptr<Inference> begin(Duration deadline = 10s) {
    auto inference = std::make_unique<Inference>(model);
    auto request = coordinator->beginRequest(network.now() + deadline);
    if (!request.ok()) {
      inference->ended = true;
      inference->status = request.status();
      return inference;
    }
    inference->request = *request;
    runStage(*inference, 0);
    return inference;
  }
  void runStage(Inference &inference, size_t stage) {
    coordinator->runStage(inference.request, stage, inference.values.pointers,
                          [this, &inference, stage](auto came) {
                            if (came.ok() && stage == 0)
                              return runStage(inference, 1);
                            inference.ended = true;
                            inference.end = network.now();
                            inference.request = nullptr;
                            if (came.ok())
                              inference.came = *came;
                            else
                              inference.status = came.status();
                          });
  }
  /// Begins and ends one.
  std::unique_ptr<Inference> infer(Duration deadline = 10s) {
    auto inference = begin(deadline);
    network.runUntil([&] { return inference->over(); }, deadline + 20ms);
    EXPECT_TRUE(inference->over());
    return inference;
  }
  void expectAnswer(Inference &inference,
                    std::vector<bool> came = {true, true}) {
    ASSERT_TRUE(inference.status.ok()) << inference.status.message();
    EXPECT_EQ(inference.came, came);
    for (uint32_t b = 0; b < 2; ++b)
      for (size_t i = 0; came[b] && i < width; ++i)
        ASSERT_EQ(inference.values.floats(3 + 3 * b)[i],
                  (float(i) + float(b) + 1) * (float(i) * 10));
  }
  /// So many inferences that the usual latency is known.
  void warmUp() {
    for (int i = 0; i < 40; ++i)
      expectAnswer(*infer());
  }
  /// All calls of one worker have this fate.
  void doom(size_t worker, Fate fate) {
    network.decide = [=](size_t w, const BranchCall &) {
      return w == worker ? fate : Fate();
    };
  }

  ModelInfo model = makeTwoStageModel(2, width);
  FakeNetwork network{width};
  CoordinatorOptions options;
  std::vector<std::string> problems;
  std::optional<Placement> placement;
  std::unique_ptr<Coordinator> coordinator;
};

} // namespace

TEST_F(CoordinatorTest, ScattersAndGathers) {
  makeFleet(0);
  EXPECT_EQ(coordinator->describe(),
            (std::vector<std::string>{"m.s0.b0 on w0:1", "m.s0.b1 on w1:1",
                                      "m.s1.b0 on w0:1", "m.s1.b1 on w1:1"}));
  for (int i = 0; i < 3; ++i)
    expectAnswer(*infer());
  EXPECT_TRUE(coordinator->problems().empty());
}

TEST_F(CoordinatorTest, TakesTheSpareWhenAWorkerIsGone) {
  makeFleet(1);
  expectAnswer(*infer());
  EXPECT_EQ(network.calls(2), 0u);
  network.restart(0, 1h);
  expectAnswer(*infer(1s));
  expectAnswer(*infer(1s));
  EXPECT_GT(network.calls(2), 0u);
  EXPECT_EQ(coordinator->problems(),
            (std::vector<std::string>{"worker w0:1: it closed the "
                                      "connection"}));
}

// The second stage needs what the first one kept, which is gone with worker 0:
// the spare computes it again.
TEST_F(CoordinatorTest, RepeatsWhatWasLostWithAWorker) {
  makeFleet(1);
  network.decide = [&](size_t worker, const BranchCall &call) {
    if (call.model->name == "m.s1.b0" && worker == 0)
      network.restart(0, 1h);
    return Fate{Fate::Answer, 5ms};
  };
  expectAnswer(*infer(1s));
  EXPECT_EQ(network.calls(2), 2u);
}

TEST_F(CoordinatorTest, HedgesAfterTheUsualTime) {
  makeFleet(1);
  warmUp();
  EXPECT_EQ(network.calls(2), 0u);
  doom(0, {Fate::Drop});
  TimePoint begun = network.now();
  auto inference = infer();
  expectAnswer(*inference);
  // A stage takes 1 ms; the other waits once, then knows better.
  EXPECT_LT(inference->end - begun, 8ms);
  begun = network.now();
  inference = infer();
  EXPECT_LT(inference->end - begun, 4ms);
}

TEST_F(CoordinatorTest, FewRequestsHaveAHedge) {
  makeFleet(1);
  warmUp();
  int slow = 0;
  // Every other call to a listed worker takes ten times as long.
  network.decide = [&](size_t worker, const BranchCall &) {
    return Fate{Fate::Answer, worker < 2 && slow++ % 2 ? 10ms : 1ms};
  };
  const unsigned before = network.calls(0) + network.calls(1);
  for (int i = 0; i < 500; ++i) {
    expectAnswer(*infer());
    // Nobody is suspect for as long as that.
    network.run(2s);
  }
  const unsigned first = network.calls(0) + network.calls(1) - before;
  EXPECT_GT(network.calls(2), 10u);
  EXPECT_LT(network.calls(2), first / 5);
}

TEST_F(CoordinatorTest, ASilentWorkerWithoutReplicaCostsTheDeadline) {
  makeFleet(0);
  doom(1, {Fate::Drop});
  TimePoint begun = network.now();
  auto inference = infer(300ms);
  EXPECT_EQ(inference->status.code(), StatusCode::DeadlineExceeded);
  EXPECT_EQ(inference->status.message(),
            "worker w1:1: no answer for m.s0.b1 before the deadline "
            "(--deadline-ms sets it)");
  EXPECT_LE(inference->end - begun, 320ms);
}

TEST_F(CoordinatorTest, DegradesBeforeTheDeadline) {
  options.degrade = true;
  makeFleet(0);
  warmUp();
  doom(1, {Fate::Drop});
  TimePoint begun = network.now();
  auto inference = infer(300ms);
  expectAnswer(*inference, {true, false});
  EXPECT_LT(inference->end - begun, 300ms);
  // It is known now, and not waited for as long again.
  begun = network.now();
  inference = infer(300ms);
  expectAnswer(*inference, {true, false});
  EXPECT_LT(inference->end - begun, 20ms);
}

TEST_F(CoordinatorTest, DegradesAtOnceWithoutAWorker) {
  options.degrade = true;
  makeFleet(0);
  network.restart(0, 500ms);
  network.run(1ms);
  TimePoint begun = network.now();
  auto inference = infer(1s);
  expectAnswer(*inference, {false, true});
  EXPECT_LT(inference->end - begun, 10ms);
  network.run(600ms);
  expectAnswer(*infer(1s));
}

TEST_F(CoordinatorTest, DoesNotAnswerWithoutAnyBranch) {
  options.degrade = true;
  makeFleet(0);
  network.restart(0, 1h);
  network.restart(1, 1h);
  network.run(1ms);
  EXPECT_EQ(infer(1s)->status.code(), StatusCode::Unavailable);
  EXPECT_FALSE(coordinator->isCovered());
}

TEST_F(CoordinatorTest, WaitsForTheLastBranchThereMayBe) {
  options.degrade = true;
  makeFleet(0);
  network.restart(0, 200ms);
  network.restart(1, 1h);
  network.run(1ms);
  TimePoint begun = network.now();
  auto inference = infer(1s);
  expectAnswer(*inference, {true, false});
  EXPECT_GE(inference->end - begun, 190ms);
  EXPECT_LT(inference->end - begun, 400ms);
}

TEST_F(CoordinatorTest, WaitsForAWorkerThatIsRestarted) {
  makeFleet(0);
  network.restart(0, 400ms);
  network.run(1ms);
  expectAnswer(*infer(5s));
  network.restart(0, 1h);
  network.run(1ms);
  TimePoint begun = network.now();
  auto inference = infer(5s);
  EXPECT_EQ(inference->status.message(),
            "worker w0:1: it closed the connection");
  EXPECT_LT(inference->end - begun, 1100ms);
}

TEST_F(CoordinatorTest, ChecksWhoeverComesBack) {
  makeFleet(1);
  network.restart(0, 10ms, "v2");
  network.run(1s);
  const unsigned before = network.calls(0);
  expectAnswer(*infer(1s));
  EXPECT_EQ(network.calls(0), before);
  EXPECT_EQ(coordinator->problems(),
            (std::vector<std::string>{"worker w0:1: another bundle"}));
  network.restart(0, 10ms);
  network.run(1s);
  expectAnswer(*infer(1s));
  EXPECT_GT(network.calls(0), before);
}

TEST_F(CoordinatorTest, DoesNotRepeatWhatIsWrongEverywhere) {
  makeFleet(1);
  doom(1, {Fate::Fail, 1ms, StatusCode::InvalidArgument});
  auto inference = infer();
  EXPECT_EQ(inference->status.code(), StatusCode::InvalidArgument);
  EXPECT_EQ(inference->status.message(), "worker w1:1: out of luck");
  EXPECT_EQ(network.calls(2), 0u);
}

TEST_F(CoordinatorTest, GivesUpAfterSomeAttempts) {
  makeFleet(1);
  network.decide = [](size_t, const BranchCall &) {
    return Fate{Fate::Corrupt};
  };
  auto inference = infer();
  EXPECT_EQ(inference->status.code(), StatusCode::Corrupt);
  EXPECT_EQ(inference->status.message(),
            "worker w0:1, m.s0.b0: the answer does not have the model's "
            "outputs");
}

// Other coordinators keep it busy for longer than a worker that fails is asked.
TEST_F(CoordinatorTest, WaitsForAWorkerThatIsBusy) {
  makeFleet(0);
  const TimePoint free = network.now() + 4s;
  network.decide = [&](size_t worker, const BranchCall &) {
    return worker == 1 && network.now() < free
               ? Fate{Fate::Fail, 1ms, StatusCode::ResourceExhausted}
               : Fate();
  };
  auto inference = infer();
  expectAnswer(*inference);
  EXPECT_LT(inference->end, free + 500ms);
  doom(1, {Fate::Fail, 1ms, StatusCode::ResourceExhausted});
  EXPECT_EQ(infer(2s)->status.code(), StatusCode::ResourceExhausted);
}

TEST_F(CoordinatorTest, RefusesMoreThanSoManyRequests) {
  options.requests = 3;
  makeFleet(0);
  std::vector<std::unique_ptr<Inference>> inferences;
  inferences.reserve(4);
  for (int i = 0; i < 4; ++i)
    inferences.push_back(begin());
  EXPECT_EQ(inferences[3]->status.code(), StatusCode::ResourceExhausted);
  inferences.pop_back();
  network.run(100ms);
  for (auto &inference : inferences)
    expectAnswer(*inference);
  expectAnswer(*infer());
}

TEST_F(CoordinatorTest, SpreadsRequestsOverReplicas) {
  for (int i = 0; i < 4; ++i)
    network.addWorker({0, 1});
  makeCoordinator({{}, {}, {}, {}});
  ASSERT_TRUE(network.runUntil([&] { return coordinator->isSettled(); }, 1s));
  std::vector<std::unique_ptr<Inference>> inferences;
  inferences.reserve(8);
  for (int i = 0; i < 8; ++i)
    inferences.push_back(begin());
  network.run(100ms);
  for (auto &inference : inferences)
    expectAnswer(*inference);
  for (size_t worker = 0; worker < 4; ++worker)
    EXPECT_EQ(network.calls(worker), 8u);
}
