//===- Counts.cpp - What a model asks of its devices --------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lcp/Report/Report.h"

using namespace mlir;
using namespace mlir::lcp;

namespace {
/// Which values of a model cross the network: all but those that only later
/// stages of the same branch read, as in runtime/bundle/Residency.h. What the
/// coordinator makes and reads itself stays there as well.
struct Traffic {
  explicit Traffic(const OutlinedModel &model) {
    for (const auto &step : model.steps) {
      if (auto *merge = std::get_if<MergeStep>(&step))
        sent.insert(merge->inputs.begin(), merge->inputs.end());
      else if (const auto &stage = std::get<Stage>(step); stage.parallel)
        for (const Unit &unit : stage.units)
          ofBranches.insert(unit.outputs.begin(), unit.outputs.end());
    }
  }
  UnitFootprint measure(const Stage &stage, const Unit &unit,
                        func::FuncOp function) const {
    return measureUnit(
        function,
        [&](unsigned i) {
          uint32_t input = unit.inputs[i];
          return stage.parallel &&
                 (sent.contains(input) || !ofBranches.contains(input));
        },
        [&](unsigned i) {
          return stage.parallel && sent.contains(unit.outputs[i]);
        });
  }

  /// Results of branches, and those of them that the coordinator merges.
  DenseSet<uint32_t> ofBranches, sent;
};
} // namespace

FailureOr<ModelFootprint> mlir::lcp::measureModel(ModuleOp module,
                                                  const OutlinedModel &model) {
  FailureOr<NetworkFootprint> network = measureNetwork(module);
  if (failed(network))
    return failure();
  ModelFootprint footprint;
  footprint.network = std::move(*network);
  Traffic traffic(model);
  for (const auto &step : model.steps) {
    auto *stage = std::get_if<Stage>(&step);
    if (!stage)
      continue;
    auto &units = footprint.units.emplace_back();
    for (const Unit &unit : stage->units) {
      FailureOr<func::FuncOp> function = getUnitFunction(*unit.module);
      if (failed(function))
        return failure();
      units.push_back(traffic.measure(*stage, unit, *function));
    }
  }
  return footprint;
}
