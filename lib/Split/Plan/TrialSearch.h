//===- TrialSearch.h - Better groups by trial -------------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// No MLIR: vertices are numbers, and what they are good for is asked of a
// function.
//
//===----------------------------------------------------------------------===//

#ifndef LCP_LIB_SPLIT_PLAN_TRIALSEARCH_H
#define LCP_LIB_SPLIT_PLAN_TRIALSEARCH_H

#include "BalancedPartition.h"
#include <functional>
#include <optional>

namespace mlir::lcp {

/// How good a division is, the more the better; nothing ends the search.
using DivisionScore = std::function<std::optional<double>(const PartOfUnit &)>;

struct TrialResult {
  PartOfUnit parts;
  double inOrder, best;
};

/// The better of `start` and the division in order, and then the best that
/// `trials` exchanges of units lead to: class after class, units drawn at
/// random change places, and stay where the score rose. The same on every run.
/// Nothing when `score` gave nothing.
std::optional<TrialResult> divideByTrials(const PartitionProblem &problem,
                                          const PartOfUnit &start,
                                          unsigned trials,
                                          const DivisionScore &score);

} // namespace mlir::lcp

#endif // LCP_LIB_SPLIT_PLAN_TRIALSEARCH_H
