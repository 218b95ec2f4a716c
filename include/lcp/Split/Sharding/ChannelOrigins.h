//===- ChannelOrigins.h - From whose choice a division follows -*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_SPLIT_SHARDING_CHANNELORIGINS_H
#define LCP_SPLIT_SHARDING_CHANNELORIGINS_H

#include "lcp/Split/Sharding/ChannelClasses.h"
#include "lcp/Split/Sharding/Propagation.h"

namespace mlir::lcp {

/// A quantum of channels of a class: `index` counts WidthPlan::choices.
struct ChannelUnit {
  int index = -1, unit = -1;
  bool known() const { return index >= 0; }
  bool operator<(const ChannelUnit &other) const {
    return std::tie(index, unit) < std::tie(other.index, other.unit);
  }
};

/// Of each position of a value's axis, the unit that decides its branch.
struct ChannelOrigin {
  int64_t axis = 1;
  std::vector<ChannelUnit> units;
};

/// Follows channels through a network: which choice of a plan, and which unit
/// of it, decides in which branch each channel of a value is.
class ChannelOrigins {
public:
  ChannelOrigins(func::FuncOp func, const WidthPlan &plan);

  /// Null for a value that every branch sees whole.
  const ChannelOrigin *of(Value value);
  /// Whether some op allows only runs of channels of this choice, in order, so
  /// that its units cannot be dealt in another way.
  bool isRigid(unsigned index) const { return rigid[index]; }

private:
  std::optional<ChannelOrigin> find(Value value);
  std::optional<ChannelOrigin> ofLayer(Value value);
  std::optional<ChannelOrigin> follow(Operation *op);

  const WidthPlan &plan;
  ChannelClasses classes;
  DenseMap<Value, unsigned> choiceOf;
  std::vector<bool> rigid;
  DenseMap<Value, std::unique_ptr<ChannelOrigin>> known;
};

} // namespace mlir::lcp

#endif // LCP_SPLIT_SHARDING_CHANNELORIGINS_H
