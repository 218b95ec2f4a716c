//===- Propagation.h - Which channels belong to which branch ----*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_SPLIT_SHARDING_PROPAGATION_H
#define LCP_SPLIT_SHARDING_PROPAGATION_H

#include "lcp/Split/Sharding/Network.h"

namespace mlir::lcp {

/// `width` channels in order over as many branches as there are shares, whole
/// quanta each, in proportion to the shares (Apportion.h). Needs a quantum for
/// each branch.
Partition spreadChannels(int64_t width, ArrayRef<int64_t> shares,
                         int64_t quantum);

/// Divisions by leader of a class (ChannelClasses.h).
using ClassDivisions = DenseMap<Value, Partition>;

/// A consistent division of a network's tensors, and the stages of its
/// model-parallel form.
struct WidthPlan {
  unsigned branches;
  Operation *classifier;
  /// Every value that exists as parts.
  DenseMap<Value, Partition> partitions;
  /// The stage of every op that is divided: each begins with a layer and holds
  /// the ops that ride with it.
  DenseMap<Operation *, unsigned> stages;

  /// A class whose division follows from no other's.
  struct Choice {
    Value leader;
    /// Channels of it that stay together.
    int64_t quantum;
    Partition partition;
  };
  /// In program order.
  SmallVector<Choice, 0> choices;
  /// Layers that are the second of a pair, in the stage of the first: divided
  /// by input channels, so that each branch makes a partial sum of all of the
  /// result, which is no part of `partitions`.
  DenseSet<Operation *> rows;
  /// What has no part in a branch though it could be thought to, and why.
  SmallVector<std::pair<Operation *, std::string>, 0> whole;
  /// Layers that read divided channels and are not in `rows`, and why.
  SmallVector<std::pair<Operation *, std::string>, 0> unpaired;

  /// A remark on each of those.
  void remark() const;
};

/// Divides `func`, a whole network, over a branch a share: its classes as
/// `given` says, those it has not in order by `shares`. The classifier stays
/// whole. With `pairLayers`, layers are paired where that spares a merge
/// (docs/rationale/column-and-row.md). Reports a layer that is narrower than
/// the branches.
FailureOr<WidthPlan> planWidths(func::FuncOp func, ArrayRef<int64_t> shares,
                                Operation *classifier,
                                const ClassDivisions &given = ClassDivisions(),
                                bool pairLayers = false);

} // namespace mlir::lcp

#endif // LCP_SPLIT_SHARDING_PROPAGATION_H
