//===- ExchangeTest.cpp - Stages that workers run among themselves --------===//
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

class ExchangeTest : public testing::Test {
protected:
  /// One worker for each branch, and spares that serve both.
  void makeFleet(unsigned spares) {
    ClusterFile file;
    file.path = "c.yaml";
    for (unsigned worker = 0; worker < 2 + spares; ++worker) {
      ClusterWorker entry;
      entry.address = "w" + std::to_string(worker) + ":1";
      if (worker < 2)
        entry.branches = {worker};
      file.workers.push_back(entry);
      network.addWorker(worker < 2 ? std::set<unsigned>{worker}
                                   : std::set<unsigned>{0, 1});
    }
    options.log = [this](const std::string &line) { log.push_back(line); };
    placement.emplace(file, std::vector<bool>(2, true), problems);
    coordinator = std::make_unique<Coordinator>(model, "v1", *placement,
                                                network, options);
    coordinator->start({});
    ASSERT_TRUE(network.runUntil([&] { return coordinator->isSettled(); }, 1s));
  }
  /// One inference; how long it took.
  Duration infer(Duration deadline = 10s) {
    status = Status(StatusCode::Internal, "it did not end");
    const TimePoint begun = network.now();
    for (size_t i = 0; i < width; ++i)
      values.floats(0)[i] = float(i);
    for (uint32_t value = 1; value < model.values.size(); ++value)
      std::fill_n(values.floats(value), width, -1.f);
    bool over = false;
    auto request = *coordinator->beginRequest(begun + deadline);
    coordinator->runStage(request, 0, values.pointers, [&](auto first) {
      status = first.status();
      if (!first.ok()) {
        over = true;
        return;
      }
      coordinator->runStage(request, 1, values.pointers, [&](auto second) {
        status = second.status();
        over = true;
      });
    });
    EXPECT_TRUE(network.runUntil([&] { return over; }, deadline + 20ms));
    return network.now() - begun;
  }
  void expectAnswer() {
    ASSERT_TRUE(status.ok()) << status.message();
    for (uint32_t b = 0; b < 2; ++b)
      for (size_t i = 0; i < width; ++i) {
        ASSERT_EQ(values.floats(2 + 3 * b)[i], float(i) * 10);
        ASSERT_EQ(values.floats(3 + 3 * b)[i],
                  (float(i) + float(b) + 1) * (float(i) * 10));
      }
  }
  unsigned shards() const { return network.shards(0) + network.shards(1); }

  ModelInfo model = makeTwoStageModel(2, width, /*crossed=*/true);
  FakeNetwork network{width};
  CoordinatorOptions options;
  Values values{model};
  Status status;
  std::vector<std::string> problems, log;
  std::optional<Placement> placement;
  std::unique_ptr<Coordinator> coordinator;
};

/// x -> 4 branches -> merge -> 4 branches, which also read their own -> merge
/// -> a serial stage.
ModelInfo makeMergedModel() {
  ModelInfo model;
  model.name = "m";
  auto value = [&](int64_t size) {
    model.values.push_back({"", ElementType::F32, {size}});
    return uint32_t(model.values.size() - 1);
  };
  uint32_t x = value(4);
  model.inputs.push_back({x, {}});
  std::vector<uint32_t> own;
  for (unsigned index = 0; index < 2; ++index) {
    ModelStage stage;
    ModelMerge merge;
    stage.index = index;
    stage.parallel = true;
    for (unsigned b = 0; b < 4; ++b) {
      ModelBranch branch;
      branch.inputs = {x};
      if (index == 1)
        branch.inputs.push_back(own[b]);
      branch.outputs = {value(1)};
      own.push_back(branch.outputs[0]);
      merge.inputs.push_back(branch.outputs[0]);
      stage.branches.push_back(branch);
    }
    x = merge.output = value(4);
    model.steps.push_back(stage);
    model.steps.push_back(merge);
  }
  ModelStage last;
  last.index = 2;
  last.branches.resize(1);
  last.branches[0].inputs = {x};
  last.branches[0].outputs = {value(4)};
  model.steps.push_back(last);
  model.outputs.push_back({last.branches[0].outputs[0], {}});
  return model;
}

} // namespace

TEST(ExchangePlan, HasReadersMergeWhatTheyRead) {
  const ModelInfo model = makeMergedModel();
  CallPlan calls(model, "v1");
  ExchangePlan plan(model, calls);
  ASSERT_EQ(plan.segmentCount(), 1u);
  const ExchangeSegment *segment = plan.beginningAt(0);
  ASSERT_TRUE(segment);
  EXPECT_FALSE(plan.beginningAt(1));
  ASSERT_EQ(segment->stages.size(), 2u);
  const ExchangedBranch &first = segment->stages[0][2],
                        &second = segment->stages[1][2];
  EXPECT_EQ(first.inputs, (std::vector<std::vector<uint32_t>>{{}}));
  // All read the merge, and branch 2 its own value again.
  EXPECT_EQ(first.outputs[0].takers,
            (std::map<size_t, unsigned>{{0, 1}, {1, 1}, {2, 2}, {3, 1}}));
  EXPECT_FALSE(first.outputs[0].isSentBack);
  EXPECT_EQ(second.inputs,
            (std::vector<std::vector<uint32_t>>{{1, 2, 3, 4}, {3}}));
  EXPECT_TRUE(second.outputs[0].takers.empty());
  EXPECT_TRUE(second.outputs[0].isSentBack);
  EXPECT_FALSE(plan.isReadHere(std::get<ModelMerge>(model.steps[1])));
  EXPECT_TRUE(plan.isReadHere(std::get<ModelMerge>(model.steps[3])));
}

TEST(ExchangePlan, EndsASegmentWhereTheCoordinatorComputes) {
  ModelInfo model = makeMergedModel();
  std::get<ModelStage>(model.steps[0]).parallel = false;
  std::get<ModelStage>(model.steps[0]).branches.resize(4);
  {
    CallPlan calls(model, "v1");
    ExchangePlan plan(model, calls);
    EXPECT_EQ(plan.segmentCount(), 1u);
    EXPECT_FALSE(plan.beginningAt(1)) << "nothing goes from branch to branch";
  }
  // A merge of a merge is done here.
  model = makeMergedModel();
  ModelMerge again;
  again.inputs = {std::get<ModelMerge>(model.steps[1]).output};
  model.values.push_back({"", ElementType::F32, {4}});
  again.output = uint32_t(model.values.size() - 1);
  model.steps.insert(model.steps.begin() + 2, again);
  for (ModelBranch &branch : std::get<ModelStage>(model.steps[3]).branches)
    branch.inputs = {again.output};
  CallPlan calls(model, "v1");
  ExchangePlan plan(model, calls);
  EXPECT_EQ(plan.segmentCount(), 2u);
  EXPECT_FALSE(plan.beginningAt(0));
  EXPECT_FALSE(plan.beginningAt(1));
  EXPECT_TRUE(plan.isReadHere(std::get<ModelMerge>(model.steps[1])));
}

TEST_F(ExchangeTest, WorkersDoItAmongThemselves) {
  makeFleet(0);
  for (unsigned run = 1; run <= 3; ++run) {
    infer();
    expectAnswer();
    // Of own, which stays, and of seen, which goes to the other.
    EXPECT_EQ(shards(), 4 * run);
    EXPECT_EQ(network.calls(0), 2 * run);
  }
  EXPECT_TRUE(log.empty());
}

TEST_F(ExchangeTest, GoesOverTheCoordinatorIfItIsTold) {
  options.relay = true;
  makeFleet(0);
  infer();
  expectAnswer();
  EXPECT_EQ(shards(), 0u);
}

TEST_F(ExchangeTest, GoesOverTheCoordinatorIfAnswersMayMissBranches) {
  options.degrade = true;
  makeFleet(0);
  infer();
  expectAnswer();
  EXPECT_EQ(shards(), 0u);
}

TEST_F(ExchangeTest, GoesOverTheCoordinatorIfWorkersCannotMeet) {
  makeFleet(0);
  network.isolate(1);
  infer();
  expectAnswer();
  EXPECT_EQ(shards(), 0u);
  infer();
  expectAnswer();
  EXPECT_EQ(log,
            (std::vector<std::string>{
                "values between stages go over the coordinator for 100 ms: "
                "worker w0:1 cannot reach worker w1:1"}));
}

// A worker that refuses shards, or a way that is blocked, shows by trying.
TEST_F(ExchangeTest, GoesOverTheCoordinatorForAWhileAfterAFailure) {
  makeFleet(0);
  network.decide = [](size_t, const BranchCall &call) {
    const bool pushed = !call.inputs[0].awaited.empty();
    return Fate{pushed ? Fate::Fail : Fate::Answer, 1ms, StatusCode::Untrusted};
  };
  EXPECT_LT(infer(), 10ms);
  expectAnswer();
  EXPECT_EQ(log,
            (std::vector<std::string>{
                "values between stages go over the coordinator for 100 ms: "
                "worker w0:1: out of luck"}));
  const unsigned before = shards();
  network.run(50ms);
  infer();
  expectAnswer();
  EXPECT_EQ(shards(), before);
  // Longer after the next one, and no longer once it went well.
  network.run(60ms);
  infer();
  EXPECT_NE(log.back().find("for 200 ms"), std::string::npos) << log.back();
  network.decide = nullptr;
  network.run(300ms);
  infer();
  expectAnswer();
  EXPECT_GT(shards(), before);
  EXPECT_EQ(log.size(), 2u);
}

TEST_F(ExchangeTest, SurvivesAWorkerThatDiesInTheMiddle) {
  makeFleet(1);
  network.decide = [&](size_t worker, const BranchCall &call) {
    if (call.model->name == "m.s1.b0" && worker == 0)
      network.restart(0, 1h);
    return Fate{Fate::Answer, 5ms};
  };
  EXPECT_LT(infer(1s), 100ms);
  expectAnswer();
}

TEST_F(ExchangeTest, SaysWhoDiedIfThereIsNoOther) {
  makeFleet(0);
  network.decide = [&](size_t worker, const BranchCall &) {
    if (worker == 1)
      network.restart(1, 1h);
    return Fate{Fate::Answer, 5ms};
  };
  infer(5s);
  EXPECT_EQ(status.code(), StatusCode::Unavailable);
  EXPECT_EQ(status.message().rfind("worker w1:1: ", 0), 0u) << status.message();
}

TEST_F(ExchangeTest, HedgesWithAnotherChoiceOfWorkers) {
  makeFleet(1);
  // None is later than those before it.
  int run = 0;
  network.decide = [&](size_t, const BranchCall &) {
    return Fate{Fate::Answer, 2ms - run * 10us};
  };
  for (; run < 40; ++run) {
    infer();
    expectAnswer();
  }
  EXPECT_EQ(network.calls(2), 0u);
  network.decide = [](size_t worker, const BranchCall &) {
    return Fate{worker == 0 ? Fate::Drop : Fate::Answer};
  };
  EXPECT_LT(infer(), 10ms);
  expectAnswer();
  EXPECT_GT(network.calls(2), 0u);
  EXPECT_TRUE(log.empty());
}

// Each of two attempts has a worker that hangs: single branches find those who
// do not.
TEST_F(ExchangeTest, GivesUpWhereSingleBranchesHaveABetterChance) {
  makeFleet(2);
  for (int run = 0; run < 40; ++run)
    infer();
  network.decide = [](size_t worker, const BranchCall &) {
    return Fate{worker == 0 || worker == 3 ? Fate::Drop : Fate::Answer};
  };
  EXPECT_LT(infer(1s), 500ms);
  expectAnswer();
}

TEST_F(ExchangeTest, ASilentWorkerWithoutReplicaCostsTheDeadline) {
  makeFleet(0);
  network.decide = [](size_t worker, const BranchCall &) {
    return Fate{worker == 1 ? Fate::Drop : Fate::Answer};
  };
  EXPECT_LE(infer(300ms), 320ms);
  EXPECT_EQ(status.code(), StatusCode::DeadlineExceeded);
  EXPECT_EQ(status.message().rfind("worker w", 0), 0u) << status.message();
}
