//===- Residency.cpp - Values that need not travel ------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/bundle/Residency.h"

using namespace lcp;
using namespace lcp::rt;

namespace {

/// Who touches a value, seen while the steps go by.
struct Use {
  bool writtenByBranch = false;
  /// A device.
  size_t writer = 0;
  bool readElsewhere = false;
  bool read = false;
  unsigned lastStage = 0;
};

} // namespace

static void addStage(const ModelStage &stage, std::vector<Use> &uses) {
  for (size_t b = 0; b < stage.branches.size(); ++b) {
    for (uint32_t value : stage.branches[b].inputs) {
      Use &use = uses[value];
      use.read = true;
      use.lastStage = stage.index;
      use.readElsewhere |=
          !stage.parallel || use.writer != stage.firstDevice + b;
    }
    for (uint32_t value : stage.branches[b].outputs) {
      uses[value].writtenByBranch = stage.parallel;
      uses[value].writer = stage.firstDevice + b;
    }
  }
}

Residency lcp::rt::findResidency(const ModelInfo &model) {
  std::vector<Use> uses(model.values.size());
  for (const ModelStep &step : model.steps) {
    if (const auto *stage = std::get_if<ModelStage>(&step))
      addStage(*stage, uses);
    else
      for (uint32_t value : std::get<ModelMerge>(step).inputs)
        uses[value].readElsewhere = true;
  }
  for (const ModelOutput &output : model.outputs)
    uses[output.value].readElsewhere = true;
  Residency residency;
  for (const Use &use : uses)
    residency.values.push_back(
        {use.writtenByBranch && use.read && !use.readElsewhere, use.lastStage});
  return residency;
}
