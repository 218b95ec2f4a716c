//===- Propagation.h - From the layers' shards to every value's -*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Whoever divides a network says which channels of each layer a branch makes.
// What that means for all other values (a pool follows its producer, a concat
// puts lists together, an add needs both sides alike) is worked out here, the
// same way when a plan is made and when it is carried out.
//
//===----------------------------------------------------------------------===//

#ifndef LCP_SPLIT_SHARDING_PROPAGATION_H
#define LCP_SPLIT_SHARDING_PROPAGATION_H

#include "lcp/Split/Sharding/Network.h"

namespace mlir::lcp {

/// Divisions by leader of a class (ChannelClasses.h).
using ClassDivisions = DenseMap<Value, Partition>;

/// A consistent division of a network's values, and the stages of its
/// model-parallel form.
struct Sharding {
  unsigned branches = 0;
  Operation *classifier = nullptr;
  /// Every value that exists as parts. All others are replicated, or partial
  /// sums.
  DenseMap<Value, Partition> partitions;
  /// The stage of every op that is divided: each begins with a layer and holds
  /// the ops that ride with it.
  DenseMap<Operation *, unsigned> stages;
  /// The layer that begins each stage; its lcp.parallel will stand there.
  SmallVector<Operation *, 0> firstOfStage;
  /// Layers that make partial sums, each in the stage of the layer before it.
  DenseSet<Operation *> partialSums;

  /// A class whose division follows from no other's.
  struct Choice {
    Value leader;
    /// Channels of it that stay together.
    int64_t quantum;
    Partition partition;
  };
  /// In program order.
  SmallVector<Choice, 0> choices;
  /// What has no part in a branch though it could be thought to, and why.
  SmallVector<std::pair<Operation *, std::string>, 0> whole;
  /// Layers that read divided channels and make no partial sums, and why.
  SmallVector<std::pair<Operation *, std::string>, 0> unpaired;
  /// The first layer that has fewer channels than there are branches; where
  /// there is one, all of the above is unfinished.
  Operation *tooNarrow = nullptr;
};

/// Who decides about layers.
class ShardingPolicy {
public:
  virtual ~ShardingPolicy() = default;

  /// Whether `layer`, whose channels could be divided, shall be.
  virtual bool divides(Operation *layer) = 0;
  /// Whether `layer` shall make partial sums, if nothing speaks against it.
  virtual bool makesPartialSum(Operation *layer) = 0;
  /// What a class is divided into, where that is known before.
  virtual std::optional<Partition> given(Value leader) = 0;
  /// Divides a class of which nothing else dictates the division: `width`
  /// channels in whole quanta, one at least for every branch.
  virtual Partition divide(int64_t width, int64_t quantum) = 0;
};

/// Asks `policy` layer by layer and takes the answers to all other values. The
/// classifier stays whole.
Sharding propagateShards(func::FuncOp func, unsigned branches,
                         Operation *classifier, ShardingPolicy &policy);

/// What to say of Sharding::tooNarrow.
std::string explainTooNarrow(Operation *layer, unsigned branches);

} // namespace mlir::lcp

#endif // LCP_SPLIT_SHARDING_PROPAGATION_H
