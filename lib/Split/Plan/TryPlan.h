//===- TryPlan.h - A plan carried out on a copy -----------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_LIB_SPLIT_PLAN_TRYPLAN_H
#define LCP_LIB_SPLIT_PLAN_TRYPLAN_H

#include "lcp/Dialect/LCP/IR/LCPPlan.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/ADT/StringSet.h"

namespace mlir::lcp {

/// A copy of a network, divided by a plan. Remarks are dropped: they are made
/// when the plan is carried out for good. Weights that are made for the copy
/// live as long as it does; a context keeps those of other modules until its
/// own end.
class TriedPlan {
public:
  explicit TriedPlan(ModuleOp original);
  ~TriedPlan();

  /// Once. Reports.
  LogicalResult carryOut(PlanAttr plan);

  ModuleOp getModule() { return *module; }
  func::FuncOp getFunction();
  /// What stands for an op outside the branches.
  Operation *find(Operation *original) const {
    return mapping.lookup(original);
  }

private:
  void noteWeights(llvm::StringSet<> &keys);

  IRMapping mapping;
  OwningOpRef<ModuleOp> module;
  /// Keys of weights in the original network, and of those made for this one.
  llvm::StringSet<> given, made;
};

} // namespace mlir::lcp

#endif // LCP_LIB_SPLIT_PLAN_TRYPLAN_H
