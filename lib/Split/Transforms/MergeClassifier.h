//===- MergeClassifier.h - How branches meet the classifier ----*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_LIB_SPLIT_TRANSFORMS_MERGECLASSIFIER_H
#define LCP_LIB_SPLIT_TRANSFORMS_MERGECLASSIFIER_H

#include "lcp/Dialect/LCP/IR/LCPPlan.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace mlir::lcp {

/// Rewrites the classifier that reads a concatenation of branches
/// (docs/rationale/merge.md). Reports one that cannot be had in that way.
LogicalResult mergeIntoClassifier(func::FuncOp func, ClassifierMerge merge);

} // namespace mlir::lcp

#endif // LCP_LIB_SPLIT_TRANSFORMS_MERGECLASSIFIER_H
