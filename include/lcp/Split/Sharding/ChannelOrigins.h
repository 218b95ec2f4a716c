//===- ChannelOrigins.h - From whose choice a division follows -*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_SPLIT_SHARDING_CHANNELORIGINS_H
#define LCP_SPLIT_SHARDING_CHANNELORIGINS_H

#include "lcp/Split/Sharding/ChannelClasses.h"
#include "lcp/Split/Sharding/ChannelUnits.h"
#include "lcp/Split/Sharding/Propagation.h"

namespace mlir::lcp {

/// Which choice of a plan, and which unit of it, decides in which branch each
/// channel of a value is. A unit is a quantum of channels of the choice;
/// ChannelUnit::index counts Sharding::choices.
class ChannelOrigins {
public:
  ChannelOrigins(func::FuncOp func, const Sharding &plan);

  /// Null for a value that every branch sees whole.
  const ChannelOrigin *of(Value value);
  /// Whether some op allows only runs of channels of this choice, in order, so
  /// that its units cannot be dealt in another way.
  bool isRigid(unsigned index) const { return rigid[index]; }

private:
  std::optional<ChannelOrigin> find(Value value);
  std::optional<ChannelOrigin> ofLayer(Value value);
  std::optional<ChannelOrigin> follow(Operation *op);

  const Sharding &plan;
  ChannelClasses classes;
  DenseMap<Value, unsigned> choiceOf;
  std::vector<bool> rigid;
  DenseMap<Value, std::unique_ptr<ChannelOrigin>> known;
};

} // namespace mlir::lcp

#endif // LCP_SPLIT_SHARDING_CHANNELORIGINS_H
