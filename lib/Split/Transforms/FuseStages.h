//===- FuseStages.h - Which merges can go, and what fuses -------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_LIB_SPLIT_TRANSFORMS_FUSESTAGES_H
#define LCP_LIB_SPLIT_TRANSFORMS_FUSESTAGES_H

#include "lcp/Split/Sharding/Joins.h"
#include "lcp/Split/Sharding/Network.h"

namespace mlir::lcp {

/// How a function of lcp.parallel stages becomes one of fewer, wider apart.
struct StageFusion {
  /// One value a branch.
  struct Group {
    /// Which part of the merged tensor each holds, when there is one.
    Partition partition;
    /// The fused stage that computes it.
    unsigned stage;
    /// Whether something outside that stage reads it.
    bool leaves = false;
    /// Whether later branches read pieces that are dealt to them.
    bool dealt = false;
  };
  unsigned branches = 0;
  SmallVector<Group, 0> groups;
  /// Keyed by branch 0's result, by the merged value, and by the result of an
  /// op that sinks into the branches.
  DenseMap<Value, unsigned> groupOf;
  /// Of a value computed outside at a kept join: what each branch takes of it
  /// where it meets divided ones.
  DenseMap<Value, Partition> labels;
  /// Ops that read their branch's part where they read a merged value before.
  DenseSet<Operation *> narrowed;
  /// lcp.parallel ops that read what they are dealt of merged values.
  DenseSet<Operation *> dealtTo;
  /// lcp.parallel ops, and ops outside them that sink inside, by fused stage.
  SmallVector<SmallVector<Operation *>> stages;
  /// Ops that stay outside, by the number of fused stages before them.
  SmallVector<SmallVector<Operation *>> outside;
};

/// Reports a function that `plan` is not for: without lcp.parallel, or with
/// others than the plan's branches; and a plan that is not there.
LogicalResult checkStages(func::FuncOp func, PlanAttr plan);

/// How the stages of a function fuse when all merges go but those at the joins
/// of `plan`; remarks on merges that have to stay beside them.
StageFusion fuseStages(func::FuncOp func, PlanAttr plan);

} // namespace mlir::lcp

#endif // LCP_LIB_SPLIT_TRANSFORMS_FUSESTAGES_H
