//===- ResizeShards.h - Narrower and wider layers before a split *- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_SPLIT_SHARDING_RESIZESHARDS_H
#define LCP_SPLIT_SHARDING_RESIZESHARDS_H

#include "lcp/Split/Sharding/Network.h"
#include <functional>

namespace mlir::lcp {

/// Old position of each new one along an axis; LayerShardsAttr::kNew where
/// there was none.
using ChannelMap = SmallVector<int64_t>;

/// The channels that a layer shall have whose class has the leader `leader`
/// (ChannelClasses.h) and which is `units` times `quantum` wide.
using NewChannels =
    std::function<ChannelMap(Value leader, int64_t units, int64_t quantum)>;

/// Gives every layer but the classifier the channels that `newChannels` says,
/// and all other values what follows. A new channel hears its inputs by small
/// seeded random weights and is heard by nobody (docs/rationale/rounding.md).
/// Reports what cannot be resized; `advice` ends the message.
LogicalResult resizeLayers(func::FuncOp func, Operation *classifier,
                           NewChannels newChannels, StringRef advice);

} // namespace mlir::lcp

#endif // LCP_SPLIT_SHARDING_RESIZESHARDS_H
