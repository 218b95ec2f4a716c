//===- OutputJudge.h - How well a changed network answers -------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Choosing channels by what a network answers takes inputs from files and an
// interpreter, and this folder may see neither. A tool that has both attaches
// them to the dialect (lcp/Pipeline/Judge.h is such an implementation).
//
//===----------------------------------------------------------------------===//

#ifndef LCP_SPLIT_PLAN_OUTPUTJUDGE_H
#define LCP_SPLIT_PLAN_OUTPUTJUDGE_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/DialectInterface.h"
#include <memory>

namespace mlir::lcp {

/// Compares networks with the one that they are made from.
class OutputJudge {
public:
  virtual ~OutputJudge() = default;

  /// The correlation (Pearson's) of the elements of `output`, a value of
  /// `network`, with those that the original makes of the same input, averaged
  /// over the inputs: from -1 to 1, which says that they are alike but for an
  /// offset and a positive factor an input. Reports through diagnostics.
  virtual FailureOr<double> score(func::FuncOp network, Value output) = 0;
};

/// Attached to the lcp dialect.
class OutputJudgeInterface
    : public DialectInterface::Base<OutputJudgeInterface> {
public:
  OutputJudgeInterface(Dialect *dialect) : Base(dialect) {}

  /// A judge by the inputs of `original` that the file or folder `path` holds.
  /// Reports through diagnostics.
  virtual FailureOr<std::unique_ptr<OutputJudge>>
  open(func::FuncOp original, Value output, StringRef path) const = 0;
};

} // namespace mlir::lcp

#endif // LCP_SPLIT_PLAN_OUTPUTJUDGE_H
