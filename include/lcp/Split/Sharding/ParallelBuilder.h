//===- ParallelBuilder.h - Assembles one lcp.parallel -----------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_SPLIT_SHARDING_PARALLELBUILDER_H
#define LCP_SPLIT_SHARDING_PARALLELBUILDER_H

#include "lcp/Dialect/LCP/IR/LCPOps.h"

namespace mlir::lcp {

/// Collects operands, ops and results of an lcp.parallel, whose operands and
/// results MLIR fixes when it is made.
class ParallelBuilder {
public:
  ParallelBuilder(MLIRContext *context, unsigned branches);

  unsigned getNumBranches() const { return regions.size(); }
  /// At the end of a branch.
  OpBuilder &at(unsigned branch) { return builders[branch]; }
  /// The arguments that stand for an outside value in each branch.
  SmallVector<Value> addShared(Value value);
  /// The arguments that stand for an earlier stage's results, one a branch.
  SmallVector<Value> addOwn(ArrayRef<Value> group);
  /// Makes a result group of one value a branch; returns its number.
  unsigned addResults(ArrayRef<Value> group);
  bool empty() const { return results.empty(); }

  /// Branch b is for device `firstDevice + b`.
  ParallelOp finish(OpBuilder &builder, Location loc, unsigned firstDevice = 0);

private:
  SmallVector<std::unique_ptr<Region>> regions;
  SmallVector<OpBuilder> builders;
  SmallVector<Value> shared;
  SmallVector<SmallVector<Value>> own, results;
  /// Keyed by the outside value, for a group by its first.
  DenseMap<Value, SmallVector<Value>> sharedArguments, ownArguments;
};

/// The lcp.merge that makes a shared value of the one piece of a stage of one
/// branch.
Value shareWhole(OpBuilder &builder, Location loc, Value piece);

} // namespace mlir::lcp

#endif // LCP_SPLIT_SHARDING_PARALLELBUILDER_H
