//===- MessageBytesTest.cpp - Predicted messages are those that are sent --===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "common/traffic/MessageBytes.h"
#include "TwoStageModel.h"
#include "common/traffic/LinkLoads.h"
#include "runtime/cluster/BranchMessages.h"
#include "runtime/cluster/ExchangePlan.h"

#include <gtest/gtest.h>

using namespace lcp;
using namespace lcp::rt;

static constexpr unsigned devices = 3;
static constexpr int64_t width = 300;
static const std::string id = "18446744073709551615-7";
static const std::string address = "10.0.0.10:9000#10.0.0.10";

static TrafficModel describe(const ModelInfo &model) {
  TrafficModel described;
  described.name = model.name;
  described.values = model.values;
  for (const ModelStep &step : model.steps) {
    const auto &stage = std::get<ModelStage>(step);
    TrafficModel::Stage to{stage.parallel, stage.firstDevice, {}};
    for (const ModelBranch &branch : stage.branches)
      to.branches.push_back({branch.inputs, branch.outputs});
    described.steps.push_back(to);
  }
  for (const ModelOutput &output : model.outputs)
    described.outputs.push_back(output.value);
  return described;
}

/// The coordinator's call of a branch of a segment, as ExchangeRun makes it.
static BranchCall makeCall(const ExchangedBranch &branch, ByteSpan elements) {
  auto keyOf = [](uint32_t value) { return "v" + std::to_string(value); };
  BranchCall call;
  call.model = &branch.planned->signature;
  call.request = id + ".0.0";
  for (const std::vector<uint32_t> &pieces : branch.inputs) {
    BranchCall::Input &input = call.inputs.emplace_back();
    for (uint32_t piece : pieces)
      input.awaited.push_back(keyOf(piece));
    if (pieces.empty())
      input.tensor =
          std::make_shared<SharedTensor>(elements, /*whenNeeded=*/false);
  }
  call.keepOutputsAs.resize(branch.outputs.size());
  for (size_t i = 0; i < branch.outputs.size(); ++i) {
    call.pushes.emplace_back();
    for (const auto &[device, takers] : branch.outputs[i].takers)
      call.pushes.back().push_back(
          {device, keyOf(branch.planned->outputs[i]), takers});
    call.withheld.push_back(!branch.outputs[i].takers.empty() &&
                            !branch.outputs[i].isSentBack);
  }
  return call;
}

TEST(MessageBytes, AreTheRequestsOfASegment) {
  const ModelInfo model = test::makeTwoStageModel(devices, width, true);
  const CallPlan plan(model, std::string(64, 'a'));
  const ExchangePlan exchange(model, plan);
  const ExchangeSegment *segment = exchange.beginningAt(0);
  ASSERT_TRUE(segment);
  const std::vector<std::byte> elements(width * sizeof(float));
  const TrafficModel traffic = describe(model);
  const std::vector<RoutedCall> calls = routeCalls(traffic);
  ASSERT_EQ(calls.size(), 2 * devices);
  for (size_t i = 0; i < calls.size(); ++i) {
    EXPECT_TRUE(calls[i].isDirect);
    const BranchCall call = makeCall(segment->stages[i / devices][i % devices],
                                     {elements.data(), elements.size()});
    const size_t own = i % devices;
    const Message message = encodeCall(call, {}, [&](size_t worker) {
      return worker == own ? std::string() : address;
    });
    EXPECT_EQ(message.size(), requestBytes(traffic, calls[i], {})) << i;
  }
}

/// Of three workers, each of which hands one vector to itself and one on.
TEST(LinkLoads, HaveWhatLeavesADevice) {
  const TrafficModel traffic =
      describe(test::makeTwoStageModel(devices, width, true));
  const LinkLoads loads = loadLinks(traffic, routeCalls(traffic));
  constexpr uint64_t vector = width * sizeof(float);
  EXPECT_EQ(loads.coordinator.out, devices * vector);
  EXPECT_EQ(loads.coordinator.in, 2 * devices * vector);
  for (const LinkLoad &device : loads.devices) {
    EXPECT_EQ(device.in, 2 * vector);
    EXPECT_EQ(device.out, 3 * vector);
  }
  EXPECT_EQ(loads.sum().waits, 3u);
  EXPECT_EQ(loads.sum().all, 4 * devices * vector);
}
