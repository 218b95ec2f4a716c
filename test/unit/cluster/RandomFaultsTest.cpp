//===- RandomFaultsTest.cpp - Ten thousand inferences, all sorts of luck --===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every inference over a faulty fleet ends by its deadline, in the right
// answer, in the right answer without some branches, or in an error with a
// type; none hangs, none is wrong.
//
//===----------------------------------------------------------------------===//

#include "FakeNetwork.h"
#include "TwoStageModel.h"

#include "runtime/cluster/Coordinator.h"

#include <gtest/gtest.h>
#include <random>

using namespace lcp;
using namespace lcp::rt;
using namespace lcp::rt::test;
using namespace std::chrono_literals;

namespace {

constexpr size_t width = 4;
constexpr unsigned branches = 3, atATime = 6;
constexpr Duration slack = 20ms;

using Fate = FakeNetwork::Fate;

/// What became of an inference, and how often.
struct Tally {
  unsigned full = 0, degraded = 0, failed = 0;
};

/// How values go, and whether answers may go without branches.
enum class Way { Relay, Degrading, Exchange };

std::string nameOf(Way way) {
  return way == Way::Relay       ? "Relay"
         : way == Way::Degrading ? "Degrading"
                                 : "Exchange";
}

class RandomFaults : public testing::TestWithParam<std::tuple<Way, unsigned>> {
protected:
  struct Inference {
    explicit Inference(const ModelInfo &model) : values(model) {}
    Values values;
    std::shared_ptr<Request> request;
    TimePoint deadline;
    bool over = false;
  };

  void SetUp() override {
    options.degrade = std::get<0>(GetParam()) == Way::Degrading;
    options.relay = std::get<0>(GetParam()) == Way::Relay;
    random.seed(std::get<1>(GetParam()));
    ClusterFile file;
    for (unsigned worker = 0; worker < 5; ++worker) {
      ClusterWorker entry;
      entry.address = "w" + std::to_string(worker) + ":1";
      if (worker < branches)
        entry.branches = {worker};
      file.workers.push_back(entry);
      network.addWorker(worker < branches ? std::set<unsigned>{worker}
                                          : std::set<unsigned>{0, 1, 2});
    }
    network.decide = [this](size_t, const BranchCall &) { return fate(); };
    placement.emplace(file, std::vector<bool>(branches, true), problems);
    coordinator = std::make_unique<Coordinator>(model, "v1", *placement,
                                                network, options);
    coordinator->start({});
    network.run(10ms);
  }

  unsigned upTo(unsigned most) {
    return std::uniform_int_distribution<unsigned>(0, most)(random);
  }

  Fate fate() {
    static const StatusCode codes[] = {
        StatusCode::Unavailable,       StatusCode::Internal,
        StatusCode::ResourceExhausted, StatusCode::NotFound,
        StatusCode::InvalidArgument,   StatusCode::DeadlineExceeded};
    Fate fate;
    fate.latency = 500us + upTo(1000) * 1us;
    const unsigned luck = upTo(999);
    if (luck < 40)
      fate.latency = upTo(300) * 1ms;
    else if (luck < 60)
      fate.what = Fate::Drop;
    else if (luck < 80)
      fate.what = Fate::Corrupt;
    else if (luck < 100)
      fate = {Fate::Fail, fate.latency, codes[luck % std::size(codes)]};
    return fate;
  }

  /// Now and then something happens to a worker.
  void haveAnAccident() {
    const size_t worker = upTo(4);
    switch (upTo(199)) {
    case 0:
      return network.restart(worker, upTo(1500) * 1ms);
    case 1:
      // Somebody copies the wrong bundle, and sees it.
      network.restart(worker, upTo(50) * 1ms, "v2");
      network.startTimer(network.now() + upTo(500) * 1ms,
                         [this, worker] { network.restart(worker, 50ms); });
      return;
    case 2:
      return network.restart(worker, 0ms);
    case 3:
      return network.hang(worker, upTo(4000) * 1ms);
    default:
      return;
    }
  }

  void begin() {
    auto inference = std::make_unique<Inference>(model);
    inference->deadline = network.now() + 50ms + upTo(400) * 1ms;
    auto request = coordinator->beginRequest(inference->deadline);
    ASSERT_TRUE(request.ok());
    inference->request = *request;
    float *x = inference->values.floats(0);
    for (size_t i = 0; i < width; ++i)
      x[i] = float(upTo(1000));
    for (uint32_t value = 1; value < model.values.size(); ++value)
      std::fill_n(inference->values.floats(value), width, -1.f);
    runStage(*inference, 0);
    running.push_back(std::move(inference));
  }

  void runStage(Inference &inference, size_t stage) {
    coordinator->runStage(
        inference.request, stage, inference.values.pointers,
        [this, &inference, stage](Result<std::vector<bool>> came) {
          EXPECT_FALSE(inference.over) << "it ended twice";
          if (came.ok() && stage == 0)
            return runStage(inference, 1);
          inference.over = true;
          inference.request = nullptr;
          EXPECT_LE(network.now(), inference.deadline + slack);
          if (came.ok())
            check(inference, *came);
          else
            countError(came.status());
        });
  }

  void check(Inference &inference, const std::vector<bool> &came) {
    const long answered = std::count(came.begin(), came.end(), true);
    EXPECT_TRUE(answered == branches || (options.degrade && answered > 0));
    ++(answered == branches ? tally.full : tally.degraded);
    for (uint32_t b = 0; b < branches; ++b)
      for (size_t i = 0; came[b] && i < width; ++i) {
        float x = inference.values.floats(0)[i];
        ASSERT_EQ(inference.values.floats(2 + 3 * b)[i], x * 10);
        ASSERT_EQ(inference.values.floats(3 + 3 * b)[i],
                  (x + float(b) + 1) * (x * 10));
      }
  }

  void countError(const Status &status) {
    ++tally.failed;
    EXPECT_NE(status.code(), StatusCode::Ok);
    EXPECT_EQ(status.message().rfind("worker w", 0), 0u) << status.message();
  }

  void dropEnded() {
    running.erase(
        std::remove_if(running.begin(), running.end(),
                       [](const auto &inference) { return inference->over; }),
        running.end());
  }

  std::mt19937 random;
  ModelInfo model = makeTwoStageModel(branches, width,
                                      std::get<0>(GetParam()) == Way::Exchange);
  FakeNetwork network{width};
  CoordinatorOptions options;
  std::vector<std::string> problems;
  std::optional<Placement> placement;
  std::unique_ptr<Coordinator> coordinator;
  std::vector<std::unique_ptr<Inference>> running;
  Tally tally;
};

} // namespace

TEST_P(RandomFaults, NoneHangsAndNoneIsWrong) {
  constexpr unsigned total = 10000;
  for (unsigned started = 0; started < total; ++started) {
    begin();
    haveAnAccident();
    network.run(upTo(3) * 1ms);
    EXPECT_TRUE(network.runUntil(
        [&] {
          dropEnded();
          return running.size() < atATime;
        },
        2s))
        << "a request hangs";
  }
  EXPECT_TRUE(network.runUntil(
      [&] {
        dropEnded();
        return running.empty();
      },
      2s))
      << "a request hangs";
  EXPECT_EQ(network.pendingCalls(), 0u);
  EXPECT_EQ(tally.full + tally.degraded + tally.failed, total);
  if (std::get<0>(GetParam()) == Way::Exchange)
    EXPECT_GT(network.shards(0), 300u);
  RecordProperty("full", int(tally.full));
  RecordProperty("degraded", int(tally.degraded));
  RecordProperty("failed", int(tally.failed));
  // The faults are there, and most are survived.
  EXPECT_GT(tally.full, total / 2);
  EXPECT_GT(options.degrade ? tally.degraded : tally.failed, 100u);
}

INSTANTIATE_TEST_SUITE_P(
    Seeds, RandomFaults,
    testing::Combine(testing::Values(Way::Relay, Way::Degrading, Way::Exchange),
                     testing::Values(1u, 2u, 3u)),
    [](const auto &info) {
      return nameOf(std::get<0>(info.param)) +
             std::to_string(std::get<1>(info.param));
    });
