//===- Rewrites.h - The rewrites of a split as functions --------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the passes do, for whoever wants to see what comes of a plan on a copy
// of a network. They change @main of a module, decide nothing, report what they
// cannot do through diagnostics, and may have changed it all the same.
//
//===----------------------------------------------------------------------===//

#ifndef LCP_SPLIT_TRANSFORMS_REWRITES_H
#define LCP_SPLIT_TRANSFORMS_REWRITES_H

#include "lcp/Dialect/LCP/IR/LCPPlan.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace mlir::lcp {

/// The model-parallel form of a whole network that `plan` describes: the same
/// function but for channels that the plan adds or drops.
LogicalResult splitWidths(ModuleOp module, PlanAttr plan);

/// From that form to branches that see their own channels only, but at the
/// joins of `plan`.
LogicalResult removeNonBranchConnections(ModuleOp module, PlanAttr plan);

/// Of a network that is divided so, with the branches merged by concatenation:
/// whether the classifier could be moved into the branches, and the sums of its
/// results are fewer bytes than the features.
bool sumOfLogitsIsSmaller(func::FuncOp func);

/// Leaves only the branches `kept` (distinct numbers, in any order) of every
/// stage of a split model, and of the layers outside what reads them.
LogicalResult keepBranches(ModuleOp module, ArrayRef<int64_t> kept);

/// Cuts a whole network into `stages` runs of layers, from one to as many as it
/// has layers, each a stage of one branch on a device of its own: the same
/// function.
LogicalResult splitLayers(ModuleOp module, int64_t stages);

} // namespace mlir::lcp

#endif // LCP_SPLIT_TRANSFORMS_REWRITES_H
