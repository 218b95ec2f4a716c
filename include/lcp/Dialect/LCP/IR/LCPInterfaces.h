//===- LCPInterfaces.h - How ops treat channels ----------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_DIALECT_LCP_IR_LCPINTERFACES_H
#define LCP_DIALECT_LCP_IR_LCPINTERFACES_H

#include "mlir/IR/OpDefinition.h"
#include "llvm/Support/Error.h"
#include <optional>

namespace mlir::lcp {

/// Positions [begin, end) of an axis, begin < end.
struct ChannelRange {
  int64_t begin, end;
  int64_t size() const { return end - begin; }
  bool operator==(const ChannelRange &other) const {
    return begin == other.begin && end == other.end;
  }
};

/// Positions of an axis in the order in which a part holds them. Neighbouring
/// ranges that continue each other are one.
class ChannelList {
public:
  ChannelList() = default;
  ChannelList(int64_t begin, int64_t end) { append(begin, end); }

  void append(int64_t begin, int64_t end);
  void append(const ChannelList &other, int64_t offset = 0);
  /// Number of positions.
  int64_t size() const;
  ArrayRef<ChannelRange> ranges() const { return list; }
  bool isContiguous() const { return list.size() <= 1; }
  /// Whether this is every position of an axis of `size`, in order.
  bool isAll(int64_t size) const;
  bool operator==(const ChannelList &other) const { return list == other.list; }
  bool operator!=(const ChannelList &other) const { return !(*this == other); }

private:
  SmallVector<ChannelRange, 1> list;
};

/// The part of a tensor that has only the positions `list` of `axis`.
struct ChannelSlice {
  int64_t axis;
  ChannelList list;
  bool operator==(const ChannelSlice &other) const {
    return axis == other.axis && list == other.list;
  }
  bool operator!=(const ChannelSlice &other) const { return !(*this == other); }
};

enum class ChannelRole {
  /// Each output channel is a weighted sum over input channels: conv2d, dense.
  WeightedMixer,
  /// The same over the channels of its own group: grouped and depthwise conv2d.
  GroupedMixer,
  /// Each output channel depends on the same channel of the operands only.
  Channelwise,
  /// Output channels depend on others through no weight: lrn, softmax,
  /// channel_shuffle.
  WeightlessMixer,
  /// Moves channels without computing: concat, flatten, transpose.
  Structural,
};

} // namespace mlir::lcp

#include "lcp/Dialect/LCP/IR/LCPInterfaces.h.inc"

#endif // LCP_DIALECT_LCP_IR_LCPINTERFACES_H
