//===- PrintPlan.cpp - A plan to be read, edited and given back -----------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lcp/Dialect/LCP/IR/LCPPlan.h"
#include "lcp/Split/Passes.h"

namespace mlir::lcp {
#define GEN_PASS_DEF_PRINTPLANPASS
#include "lcp/Split/Passes.h.inc"
} // namespace mlir::lcp

using namespace mlir;
using namespace mlir::lcp;

namespace {
struct PrintPlan : mlir::lcp::impl::PrintPlanPassBase<PrintPlan> {
  using Base::Base;

  void runOnOperation() override {
    markAllAnalysesPreserved();
    if (PlanAttr plan = getPlan(getOperation())) {
      llvm::outs() << plan << '\n';
      return;
    }
    getOperation().emitError("there is no lcp.plan to print; run "
                             "lcp-plan-split first");
    signalPassFailure();
  }
};
} // namespace
