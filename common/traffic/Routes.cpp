//===- Routes.cpp - Which value goes from whom to whom --------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "common/traffic/Routes.h"

#include <algorithm>
#include <set>

using namespace lcp;

namespace {
/// Follows the steps, the last segment being the one that grows.
class Router {
public:
  explicit Router(const TrafficModel &model)
      : model(model), origins(model.values.size()), uses(model.values.size()) {}
  std::vector<RoutedCall> run();

private:
  /// Where a value comes from, if workers write it.
  struct Origin {
    bool known = false;
    size_t segment = 0, call = 0, output = 0;
    /// Or of whose pieces it is made.
    const TrafficModel::Merge *merge = nullptr;
  };
  /// Who touches a value.
  struct Use {
    std::optional<size_t> writer;
    bool isRead = false, isReadElsewhere = false;
    size_t lastStage = 0;
    bool stays() const { return writer && isRead && !isReadElsewhere; }
  };

  bool isOfOpenSegment(uint32_t value) const {
    return isOpen && origins[value].known &&
           origins[value].segment == firstStage;
  }
  void readHere(uint32_t value);
  void add(const TrafficModel::Merge &merge);
  void add(const TrafficModel::Stage &stage);
  void addCall(const TrafficModel::Branch &branch, size_t number,
               size_t device);
  void markDirect();
  void findUses();
  void keepValues();

  const TrafficModel &model;
  std::vector<RoutedCall> calls;
  std::vector<Origin> origins;
  std::vector<Use> uses;
  bool isOpen = false;
  /// Of the segment.
  size_t firstStage = 0;
  size_t stages = 0;
};
} // namespace

/// The coordinator needs it.
void Router::readHere(uint32_t value) {
  const Origin &origin = origins[value];
  if (!origin.known)
    return;
  if (!origin.merge)
    calls[origin.call].outputs[origin.output].isSentBack = true;
  else
    for (uint32_t piece : origin.merge->inputs)
      readHere(piece);
}

/// One of a merge's result, or of what the coordinator has, is done there, and
/// then nothing behind it can begin before.
void Router::add(const TrafficModel::Merge &merge) {
  const bool isDoneByReaders = std::all_of(
      merge.inputs.begin(), merge.inputs.end(), [&](uint32_t value) {
        return isOfOpenSegment(value) && !origins[value].merge;
      });
  if (isDoneByReaders) {
    Origin &origin = origins[merge.output];
    origin = origins[merge.inputs.front()];
    origin.merge = &merge;
    return;
  }
  isOpen = false;
  for (uint32_t value : merge.inputs)
    readHere(value);
}

void Router::add(const TrafficModel::Stage &stage) {
  if (!stage.parallel) {
    isOpen = false;
    for (const TrafficModel::Branch &branch : stage.branches)
      for (uint32_t value : branch.inputs)
        readHere(value);
  } else {
    if (!isOpen)
      firstStage = stages;
    isOpen = true;
    for (size_t b = 0; b < stage.branches.size(); ++b)
      addCall(stage.branches[b], b, stage.firstDevice + b);
  }
  ++stages;
}

void Router::addCall(const TrafficModel::Branch &branch, size_t number,
                     size_t device) {
  RoutedCall call;
  call.stage = stages;
  call.branch = number;
  call.device = device;
  call.firstStage = firstStage;
  for (uint32_t value : branch.inputs) {
    RoutedCall::Input &input = call.inputs.emplace_back();
    input.value = value;
    if (isOfOpenSegment(value)) {
      const TrafficModel::Merge *merge = origins[value].merge;
      input.awaited = merge ? merge->inputs : std::vector<uint32_t>{value};
    } else {
      readHere(value);
    }
    for (uint32_t piece : input.awaited)
      ++calls[origins[piece].call]
            .outputs[origins[piece].output]
            .takers[device];
  }
  for (uint32_t value : branch.outputs) {
    Origin &origin = origins[value];
    origin.known = true;
    origin.segment = firstStage;
    origin.call = calls.size();
    origin.output = call.outputs.size();
    call.outputs.emplace_back().value = value;
  }
  calls.push_back(std::move(call));
}

/// A segment without a value from branch to branch is one ordinary stage.
void Router::markDirect() {
  std::set<size_t> direct;
  for (const RoutedCall &call : calls)
    for (const RoutedCall::Output &output : call.outputs)
      if (!output.takers.empty())
        direct.insert(call.firstStage);
  for (RoutedCall &call : calls) {
    call.isDirect = direct.count(call.firstStage) != 0;
    for (RoutedCall::Output &output : call.outputs)
      output.isSentBack |= !call.isDirect || output.takers.empty();
  }
}

void Router::findUses() {
  size_t index = 0;
  for (const auto &step : model.steps) {
    const auto *stage = std::get_if<TrafficModel::Stage>(&step);
    if (!stage) {
      for (uint32_t value : std::get<TrafficModel::Merge>(step).inputs)
        uses[value].isReadElsewhere = true;
      continue;
    }
    for (size_t b = 0; b < stage->branches.size(); ++b) {
      const size_t device = stage->firstDevice + b;
      for (uint32_t value : stage->branches[b].inputs) {
        Use &use = uses[value];
        use.isRead = true;
        use.lastStage = index;
        use.isReadElsewhere |= !stage->parallel || use.writer != device;
      }
      for (uint32_t value : stage->branches[b].outputs)
        if (stage->parallel)
          uses[value].writer = device;
    }
    ++index;
  }
  for (uint32_t value : model.outputs)
    uses[value].isReadElsewhere = true;
}

/// What only later stages on the same device read stays there, as in
/// runtime/bundle/Residency.h, where calls go one stage after the other.
void Router::keepValues() {
  findUses();
  for (RoutedCall &call : calls) {
    if (call.isDirect)
      continue;
    for (RoutedCall::Output &output : call.outputs) {
      output.isKept = uses[output.value].stays();
      output.isSentBack &= !output.isKept;
    }
    for (RoutedCall::Input &input : call.inputs) {
      const Use &use = uses[input.value];
      input.isKept = use.stays();
      input.isLast = input.isKept && use.lastStage == call.stage;
    }
  }
}

std::vector<RoutedCall> Router::run() {
  for (const auto &step : model.steps)
    std::visit([&](const auto &each) { add(each); }, step);
  for (uint32_t value : model.outputs)
    readHere(value);
  markDirect();
  keepValues();
  return std::move(calls);
}

std::vector<RoutedCall> lcp::routeCalls(const TrafficModel &model) {
  return Router(model).run();
}
