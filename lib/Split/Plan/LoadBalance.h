//===- LoadBalance.h - Widths for unlike devices ---------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_LIB_SPLIT_PLAN_LOADBALANCE_H
#define LCP_LIB_SPLIT_PLAN_LOADBALANCE_H

#include "lcp/Analysis/Cost/BranchBudget.h"
#include "lcp/Split/Plan/PlanSplit.h"

namespace mlir::lcp {

/// A division of the widths, and what it was measured to ask of the devices.
struct DividedWidths {
  /// One a branch, hundredths of a percent; 1 is the least.
  std::vector<int64_t> shares;
  NetworkFootprint footprint;
  /// Where there are none: a layer that has fewer channels than there are
  /// branches, in words.
  std::string tooNarrow;

  /// The branch that is over its budget by most, if any is.
  std::optional<size_t> worstMisfit(ArrayRef<BranchBudget> budgets) const;
};

/// Shares with which the branches of a split of `stripped`, a network without
/// weights, one on each of the devices of `budgets`, end as nearly together as
/// may be: the slowest as early as possible, then the second, and so on
/// (docs/rationale/unlike-devices.md). Equal for equal devices. Budgets are
/// held if any shares were found that do. Reports what else than a narrow layer
/// keeps the network from being divided.
FailureOr<DividedWidths> balanceLoad(ModuleOp stripped, SplitRequest request,
                                     ArrayRef<BranchBudget> budgets);

/// "rpi4 62.10 % (28.3 + 5.4), rpi3 ...": of each branch its device, share, and
/// modelled ms, of computing and on the device's link.
std::string describeShares(const DividedWidths &widths,
                           ArrayRef<BranchBudget> budgets);

} // namespace mlir::lcp

#endif // LCP_LIB_SPLIT_PLAN_LOADBALANCE_H
