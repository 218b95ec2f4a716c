//===- PlannedLayers.h - The layers that a plan speaks of -------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_SPLIT_SHARDING_PLANNEDLAYERS_H
#define LCP_SPLIT_SHARDING_PLANNEDLAYERS_H

#include "lcp/Split/Sharding/Propagation.h"
#include "llvm/ADT/MapVector.h"

namespace mlir::lcp {

/// A plan, and the ops of the network that it names.
struct PlannedLayers {
  PlanAttr plan;
  Operation *classifier;
  llvm::MapVector<Operation *, LayerShardsAttr> shards;
  /// Whether some layer gets other channels than those it has: new ones, or
  /// fewer.
  bool resizes = false;
};

/// Finds the layers of `func`, a whole network. Reports, at the layer, what of
/// the plan is not of this network: layers and channels that are not there, a
/// divided classifier, layers that must be divided alike and are not.
FailureOr<PlannedLayers> findPlannedLayers(func::FuncOp func, PlanAttr plan);

/// Where the plan resizes layers, gives all of them the channels that it lists,
/// those of a branch side by side. Reports layers that cannot be resized.
LogicalResult resizeToPlan(func::FuncOp func, const PlannedLayers &layers);

/// The division that the plan describes, once layers have their channels.
/// Reports layers that cannot be divided so.
FailureOr<Sharding> propagatePlan(func::FuncOp func,
                                  const PlannedLayers &layers);

} // namespace mlir::lcp

#endif // LCP_SPLIT_SHARDING_PLANNEDLAYERS_H
