//===- MergeClassifier.h - How branches meet the classifier ----*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_SPLIT_TRANSFORMS_MERGECLASSIFIER_H
#define LCP_SPLIT_TRANSFORMS_MERGECLASSIFIER_H

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace mlir::lcp {

/// docs/rationale/merge.md.
enum class MergeMode { Concat, SumLogits, SumFeatures, Auto };

/// Reports, at `op`, a name that is none of the modes'.
FailureOr<MergeMode> parseMergeMode(Operation *op, StringRef name);

/// Rewrites the classifier that reads a concatenation of branches. Reports one
/// that cannot be had in that mode; Auto falls back to concat.
LogicalResult mergeIntoClassifier(func::FuncOp func, MergeMode mode);

} // namespace mlir::lcp

#endif // LCP_SPLIT_TRANSFORMS_MERGECLASSIFIER_H
