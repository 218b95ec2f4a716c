//===- CallPlan.cpp - The calls that an inference makes -------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cluster/CallPlan.h"

#include "runtime/bundle/Residency.h"
#include "runtime/rpc/ModelSignature.h"

using namespace lcp;
using namespace lcp::rt;

static PlannedBranch planBranch(const ModelInfo &model,
                                const Residency &residency,
                                const std::string &version,
                                const ModelStage &stage, size_t b) {
  auto keyOf = [&](uint32_t value) {
    return residency.values[value].stays ? "v" + std::to_string(value)
                                         : std::string();
  };
  const ModelBranch &branch = stage.branches[b];
  PlannedBranch planned;
  planned.signature = branchSignature(model, version, branch);
  planned.device = stage.firstDevice + b;
  planned.inputs = branch.inputs;
  planned.outputs = branch.outputs;
  for (uint32_t value : branch.inputs) {
    const Residency::Value &place = residency.values[value];
    planned.call.inputs.push_back(
        {nullptr, std::nullopt, keyOf(value),
         place.stays && place.lastStage == stage.index});
  }
  for (uint32_t value : branch.outputs)
    planned.call.keepOutputsAs.push_back(keyOf(value));
  return planned;
}

CallPlan::CallPlan(const ModelInfo &model, const std::string &version) {
  const Residency residency = findResidency(model);
  for (const ModelStage *stage : model.stages()) {
    std::vector<PlannedBranch> &planned = stages.emplace_back();
    for (size_t b = 0; stage->parallel && b < stage->branches.size(); ++b) {
      planned.push_back(planBranch(model, residency, version, *stage, b));
      planned.back().number = branches++;
    }
  }
  // Only now: the vectors do not move any more.
  for (std::vector<PlannedBranch> &stage : stages)
    for (PlannedBranch &branch : stage)
      branch.call.model = &branch.signature;
}

std::vector<const ModelSignature *>
CallPlan::signaturesOf(size_t device) const {
  std::vector<const ModelSignature *> signatures;
  for (const std::vector<PlannedBranch> &stage : stages)
    for (const PlannedBranch &branch : stage)
      if (branch.device == device)
        signatures.push_back(&branch.signature);
  return signatures;
}
