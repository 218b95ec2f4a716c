//===- Counts.cpp - What a program asks of its devices --------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lcp/Report/Report.h"

using namespace mlir;
using namespace mlir::lcp;

namespace {
/// Which values of a program cross the network. A tensor that a branch hands to
/// its own next stage stays on its device; the coordinator receives nothing
/// from itself.
struct Traffic {
  explicit Traffic(const Program &program) {
    for (const auto &step : program.steps) {
      if (auto *merge = std::get_if<MergeStep>(&step))
        merged.insert(merge->inputs.begin(), merge->inputs.end());
      else if (const auto &stage = std::get<Stage>(step); stage.parallel)
        for (const Unit &unit : stage.units)
          own.insert(unit.outputs.begin(), unit.outputs.end());
    }
  }
  UnitFootprint measure(const Stage &stage, const Unit &unit,
                        func::FuncOp function) const {
    return measureUnit(
        function,
        [&](unsigned i) {
          return stage.parallel && !own.contains(unit.inputs[i]);
        },
        [&](unsigned i) {
          return stage.parallel && merged.contains(unit.outputs[i]);
        });
  }

  /// Results of branches, and what merges read.
  DenseSet<uint32_t> own, merged;
};
} // namespace

FailureOr<ProgramFootprint> mlir::lcp::measureProgram(ModuleOp module,
                                                      const Program &program) {
  FailureOr<NetworkFootprint> network = measureNetwork(module);
  if (failed(network))
    return failure();
  ProgramFootprint footprint;
  footprint.network = std::move(*network);
  Traffic traffic(program);
  for (const auto &step : program.steps) {
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
