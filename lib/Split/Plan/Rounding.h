//===- Rounding.h - Other widths for the layers of a network ---*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_LIB_SPLIT_PLAN_ROUNDING_H
#define LCP_LIB_SPLIT_PLAN_ROUNDING_H

#include "lcp/Split/Plan/PlanSplit.h"
#include "lcp/Split/Sharding/Propagation.h"
#include "lcp/Split/Sharding/ResizeShards.h"

namespace mlir::lcp {

/// Whether a request changes widths.
inline bool resizes(const SplitRequest &request) {
  return request.rounding == Rounding::Floor || request.fattenPercent != 0;
}

/// The channels of a layer that is `units` times `quantum` wide, in the width
/// that `request` asks for: branch after branch its old channels and then its
/// new ones (docs/rationale/rounding.md). `known`: the old channels that each
/// branch has, if not neighbours.
ChannelMap roundChannels(const SplitRequest &request, const Partition *known,
                         int64_t units, int64_t quantum);

} // namespace mlir::lcp

#endif // LCP_LIB_SPLIT_PLAN_ROUNDING_H
