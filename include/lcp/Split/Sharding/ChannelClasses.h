//===- ChannelClasses.h - Values that must be divided alike -----*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_SPLIT_SHARDING_CHANNELCLASSES_H
#define LCP_SPLIT_SHARDING_CHANNELCLASSES_H

#include "lcp/Split/Sharding/Network.h"

namespace mlir::lcp {

/// Values that must be divided alike (the two sides of a residual add, a layer
/// and the pooling after it), with the quantum that grouped convolutions ask
/// of them.
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
  void join(Value a, Value b);
  void addOp(Operation *op);

  DenseMap<Value, Value> parents;
  DenseMap<Value, int64_t> quanta;
  DenseMap<Value, SmallVector<Value>> derived;
};

} // namespace mlir::lcp

#endif // LCP_SPLIT_SHARDING_CHANNELCLASSES_H
