//===- Factor.cpp - Factors as options give them --------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lcp/Split/Sharding/Factor.h"
#include "lcp/Dialect/LCP/IR/LCPPlan.h"

using namespace mlir;
using namespace mlir::lcp;

std::string mlir::lcp::expandFactor(StringRef options) {
  bool bare = !options.empty() && !options.contains('=');
  return (bare ? "factor=" + options : options).str();
}

LogicalResult mlir::lcp::checkFactor(Operation *op, int64_t factor,
                                     StringRef parts) {
  if (factor >= 1 && factor <= PlanAttr::kMaxBranches)
    return success();
  return op->emitError("the factor must be a number of ")
         << parts << " from 1 to " << PlanAttr::kMaxBranches << ", not "
         << factor;
}
