//===- TrialSplit.h - A network split, to see what it answers --*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_LIB_SPLIT_PLAN_TRIALSPLIT_H
#define LCP_LIB_SPLIT_PLAN_TRIALSPLIT_H

#include "lcp/Split/Sharding/Propagation.h"
#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/StringSet.h"

namespace mlir::lcp {

/// A copy of a network, divided over branches that see their own channels only.
/// Weights that are made for it live as long as it does; a context keeps those
/// of other modules until its own end.
class TrialSplit {
public:
  /// `classifier` is an op of `func`.
  TrialSplit(func::FuncOp func, Operation *classifier);
  ~TrialSplit();

  /// Once. `divisions` are by leaders in the original network. Reports.
  LogicalResult divide(ArrayRef<int64_t> shares,
                       const ClassDivisions &divisions);

  func::FuncOp getFunction() { return func; }
  /// What the classifier makes.
  Value getOutput() { return classifier->getResult(0); }

private:
  void noteWeights(llvm::StringSet<> &keys);

  IRMapping mapping;
  OwningOpRef<ModuleOp> module;
  func::FuncOp func;
  Operation *classifier;
  /// Keys of weights in the original network, and of those made for this one.
  llvm::StringSet<> given, made;
};

} // namespace mlir::lcp

#endif // LCP_LIB_SPLIT_PLAN_TRIALSPLIT_H
