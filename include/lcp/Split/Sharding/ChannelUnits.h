//===- ChannelUnits.h - Channels that stay together ------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_SPLIT_SHARDING_CHANNELUNITS_H
#define LCP_SPLIT_SHARDING_CHANNELUNITS_H

#include "lcp/Dialect/LCP/IR/LCPOps.h"
#include <tuple>
#include <vector>

namespace mlir::lcp {

/// Channels that go through a network together: unit `unit` of those that
/// `index` stands for (a choice of a sharding, a class of layers).
struct ChannelUnit {
  int index = -1, unit = -1;
  bool known() const { return index >= 0; }
  bool operator<(const ChannelUnit &other) const {
    return std::tie(index, unit) < std::tie(other.index, other.unit);
  }
  bool operator==(const ChannelUnit &other) const {
    return index == other.index && unit == other.unit;
  }
};

/// Of each position of a value's axis, the unit that it comes from.
struct ChannelOrigin {
  int64_t axis = 1;
  std::vector<ChannelUnit> units;
};

/// The origin of an op's result, given those of its operands (null: unknown).
/// The op is asked for one unit at a time, as if each were a shard; `refuse` is
/// called for those with which it cannot be. None if it can be with none.
std::optional<ChannelOrigin>
followUnits(Operation *op, ArrayRef<const ChannelOrigin *> operands,
            llvm::function_ref<void(ChannelUnit)> refuse);

} // namespace mlir::lcp

#endif // LCP_SPLIT_SHARDING_CHANNELUNITS_H
