//===- OutputJudge.h - How well a changed network answers -------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Choosing channels by what a network answers takes inputs from files and an
// interpreter, and this folder may see neither. A tool that has both gives them
// to the pass that it builds (lcp/Pipeline/Judge.h is such a one).
//
//===----------------------------------------------------------------------===//

#ifndef LCP_SPLIT_PLAN_OUTPUTJUDGE_H
#define LCP_SPLIT_PLAN_OUTPUTJUDGE_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include <functional>

namespace mlir::lcp {

/// The correlation (Pearson's) of the elements of `output`, a value of
/// `network`, with those that the original makes of the same input, averaged
/// over the inputs: from -1 to 1, which says that they are alike but for an
/// offset and a positive factor an input. Reports through diagnostics.
using OutputJudge =
    std::function<FailureOr<double>(func::FuncOp network, Value output)>;

/// A judge by the inputs of `original` that the file or folder `path` holds.
/// Reports through diagnostics.
using OpenOutputJudge = std::function<FailureOr<OutputJudge>(
    func::FuncOp original, Value output, StringRef path)>;

} // namespace mlir::lcp

#endif // LCP_SPLIT_PLAN_OUTPUTJUDGE_H
