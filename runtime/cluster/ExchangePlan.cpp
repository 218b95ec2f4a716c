//===- ExchangePlan.cpp - Values from worker to worker --------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cluster/ExchangePlan.h"

#include <algorithm>

using namespace lcp;
using namespace lcp::rt;

/// Follows the steps of a model, the last segment being the one that grows.
class ExchangePlan::Builder {
public:
  Builder(const ModelInfo &model, const CallPlan &calls, ExchangePlan &plan)
      : model(model), calls(calls), plan(plan), origins(model.values.size()) {
    plan.readHere.resize(model.values.size(), false);
  }

  void build() {
    for (const ModelStep &step : model.steps) {
      if (const auto *merge = std::get_if<ModelMerge>(&step))
        addMerge(*merge);
      else
        addStage(std::get<ModelStage>(step));
    }
    for (const ModelOutput &output : model.outputs)
      readHere(output.value);
  }

private:
  /// Where a value comes from, if workers write it.
  struct Origin {
    bool known = false;
    size_t segment = 0, stage = 0, branch = 0, output = 0;
    /// Or of whose pieces it is made.
    const ModelMerge *merge = nullptr;
  };

  bool isOfOpenSegment(uint32_t value) const {
    return open && origins[value].known &&
           origins[value].segment + 1 == plan.segments.size();
  }
  ExchangedBranch::Output &outputOf(const Origin &origin) {
    return plan.segments[origin.segment]
        .stages[origin.stage][origin.branch]
        .outputs[origin.output];
  }
  void readHere(uint32_t value);
  std::vector<uint32_t> piecesOf(uint32_t value) const;
  void addMerge(const ModelMerge &merge);
  void addStage(const ModelStage &stage);
  void addBranch(const PlannedBranch &planned, Origin origin);

  const ModelInfo &model;
  const CallPlan &calls;
  ExchangePlan &plan;
  std::vector<Origin> origins;
  bool open = false;
};

void ExchangePlan::Builder::readHere(uint32_t value) {
  plan.readHere[value] = true;
  const Origin &origin = origins[value];
  if (!origin.known)
    return;
  if (!origin.merge)
    outputOf(origin).isSentBack = true;
  else
    for (uint32_t piece : origin.merge->inputs)
      readHere(piece);
}

/// None if the value is not of the open segment.
std::vector<uint32_t> ExchangePlan::Builder::piecesOf(uint32_t value) const {
  if (!isOfOpenSegment(value))
    return {};
  const ModelMerge *merge = origins[value].merge;
  return merge ? merge->inputs : std::vector<uint32_t>{value};
}

/// One of a merge's result, or of what the coordinator has, is done here, and
/// then nothing behind it can begin before.
void ExchangePlan::Builder::addMerge(const ModelMerge &merge) {
  const bool elsewhere = std::all_of(
      merge.inputs.begin(), merge.inputs.end(), [&](uint32_t value) {
        return isOfOpenSegment(value) && !origins[value].merge;
      });
  if (elsewhere) {
    Origin &origin = origins[merge.output];
    origin = origins[merge.inputs.front()];
    origin.merge = &merge;
    return;
  }
  open = false;
  plan.readHere[merge.output] = true;
  for (uint32_t value : merge.inputs)
    readHere(value);
}

void ExchangePlan::Builder::addStage(const ModelStage &stage) {
  if (!stage.parallel) {
    open = false;
    for (const ModelBranch &branch : stage.branches)
      for (uint32_t value : branch.inputs)
        readHere(value);
    return;
  }
  if (!open) {
    plan.segments.emplace_back();
    plan.segments.back().number = plan.segments.size() - 1;
    plan.segments.back().firstStage = stage.index;
    open = true;
  }
  ExchangeSegment &segment = plan.segments.back();
  Origin origin;
  origin.known = true;
  origin.segment = segment.number;
  origin.stage = segment.stages.size();
  segment.stages.emplace_back();
  for (const PlannedBranch &planned : calls.stage(stage.index)) {
    addBranch(planned, origin);
    ++origin.branch;
  }
}

void ExchangePlan::Builder::addBranch(const PlannedBranch &planned,
                                      Origin origin) {
  ExchangedBranch branch;
  branch.planned = &planned;
  for (uint32_t value : planned.inputs) {
    branch.inputs.push_back(piecesOf(value));
    if (branch.inputs.back().empty())
      readHere(value);
    for (uint32_t piece : branch.inputs.back())
      ++outputOf(origins[piece]).takers[planned.device];
  }
  branch.outputs.resize(planned.outputs.size());
  plan.segments.back().stages.back().push_back(std::move(branch));
  for (uint32_t value : planned.outputs) {
    origins[value] = origin;
    ++origin.output;
  }
}

ExchangePlan::ExchangePlan(const ModelInfo &model, const CallPlan &calls) {
  Builder(model, calls, *this).build();
}

const ExchangeSegment *ExchangePlan::beginningAt(size_t stage) const {
  for (const ExchangeSegment &segment : segments) {
    if (segment.firstStage != stage)
      continue;
    for (const std::vector<ExchangedBranch> &branches : segment.stages)
      for (const ExchangedBranch &branch : branches)
        for (const ExchangedBranch::Output &output : branch.outputs)
          if (!output.takers.empty())
            return &segment;
  }
  return nullptr;
}
