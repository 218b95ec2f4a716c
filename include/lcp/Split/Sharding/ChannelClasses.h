//===- ChannelClasses.h - Values that must be divided alike -----*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_SPLIT_SHARDING_CHANNELCLASSES_H
#define LCP_SPLIT_SHARDING_CHANNELCLASSES_H

#include "lcp/Split/Sharding/Network.h"
#include "llvm/ADT/EquivalenceClasses.h"

namespace mlir::lcp {

/// Which values must have the same sharding (the two sides of a residual add, a
/// layer and the pooling after it), and what their channels ask of it. It is
/// known before any sharding is; ChannelOrigins.h says afterwards which choice
/// decides what.
class ChannelClasses {
public:
  explicit ChannelClasses(func::FuncOp func);

  Value leader(Value value) const;
  /// Channels that must stay together in every member.
  int64_t getQuantum(Value value) const;
  /// Every value whose division follows from an op's operands (a concat, say)
  /// that is a member of the class.
  ArrayRef<Value> getDerived(Value value) const;

private:
  struct Class {
    int64_t quantum = 1;
    SmallVector<Value> derived;
  };
  void unite(Value a, Value b);
  void addOp(Operation *op);

  llvm::EquivalenceClasses<void *> values; // as opaque pointers
  /// By leader.
  DenseMap<Value, Class> classes;
};

} // namespace mlir::lcp

#endif // LCP_SPLIT_SHARDING_CHANNELCLASSES_H
