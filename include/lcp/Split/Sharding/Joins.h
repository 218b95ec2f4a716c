//===- Joins.h - Which merged values a layer still reads -------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// docs/rationale/joins.md.
//
//===----------------------------------------------------------------------===//

#ifndef LCP_SPLIT_SHARDING_JOINS_H
#define LCP_SPLIT_SHARDING_JOINS_H

#include "lcp/Split/Sharding/Network.h"

namespace mlir::lcp {

/// Layers that see all channels, on the longest way from the function's inputs
/// to a value. Add the top-level ops in order.
class LayerDepths {
public:
  void add(Operation *op);
  unsigned of(Value value) const { return depths.lookup(value); }
  unsigned of(ValueRange values) const;

private:
  DenseMap<Value, unsigned> depths;
};

/// No join of a whole or divided network has a larger number: how many layers
/// the values that a layer reads have before them, at most.
unsigned countJoins(func::FuncOp func);

/// A channel shuffle between groups, as in ShuffleNet: channel j of branch 0,
/// of branch 1, ..., then channels j + 1, dealt in that order so that branch i
/// gets as many as it holds.
struct Deal {
  /// What branch i reads: of branch 0, then of branch 1, and so on.
  Partition readers;
  /// pieces[b][i]: the positions within branch b's part that go to branch i.
  SmallVector<SmallVector<ChannelRange>> pieces;
};

/// None when a branch has no channel for some other.
std::optional<Deal> dealChannels(const Partition &partition);

} // namespace mlir::lcp

#endif // LCP_SPLIT_SHARDING_JOINS_H
