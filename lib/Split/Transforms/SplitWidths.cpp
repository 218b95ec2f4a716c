//===- SplitWidths.cpp - Model parallelism as a plan says -----------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ApplySharding.h"
#include "lcp/Split/Passes.h"
#include "lcp/Split/Sharding/Joins.h"
#include "lcp/Split/Sharding/PlannedLayers.h"
#include "lcp/Split/Transforms/Rewrites.h"

namespace mlir::lcp {
#define GEN_PASS_DEF_SPLITWIDTHSPASS
#include "lcp/Split/Passes.h.inc"
} // namespace mlir::lcp

using namespace mlir;
using namespace mlir::lcp;

LogicalResult mlir::lcp::splitWidths(ModuleOp module, PlanAttr plan) {
  FailureOr<func::FuncOp> func = findWholeMain(module);
  if (failed(func))
    return failure();
  FailureOr<PlannedLayers> layers = findPlannedLayers(*func, plan);
  if (failed(layers))
    return failure();
  if (int64_t joins = countJoins(*func);
      !plan.getJoins().empty() && plan.getJoins().back() > joins)
    return func->emitError("the plan keeps join ")
           << plan.getJoins().back() << " of a network that has " << joins;
  if (failed(resizeToPlan(*func, *layers)))
    return failure();
  FailureOr<Sharding> sharding = propagatePlan(*func, *layers);
  if (failed(sharding))
    return failure();
  if (sharding->stages.empty())
    return func->emitError("nothing to divide: the plan names no layer");
  applySharding(*func, *sharding);
  return success();
}

namespace {
struct SplitWidths : mlir::lcp::impl::SplitWidthsPassBase<SplitWidths> {
  using Base::Base;

  void runOnOperation() override {
    PlanAttr plan = getPlan(getOperation());
    if (!plan) {
      getOperation().emitError(
          "there is no lcp.plan to carry out; run lcp-plan-split first");
      return signalPassFailure();
    }
    if (failed(splitWidths(getOperation(), plan)))
      return signalPassFailure();
    getOperation().walk([&](Operation *op) {
      numStages += isa<ParallelOp>(op);
      auto merge = dyn_cast<MergeOp>(op);
      numMerges += bool(merge);
      numPairs += merge && merge.getKind() == MergeKind::Sum;
    });
  }
};
} // namespace
