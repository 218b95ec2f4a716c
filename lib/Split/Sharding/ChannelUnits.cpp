//===- ChannelUnits.cpp - Channels that stay together ---------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lcp/Split/Sharding/ChannelUnits.h"
#include "lcp/Split/Sharding/Network.h"
#include <map>

using namespace mlir;
using namespace mlir::lcp;

using MaybeSlices = SmallVector<std::optional<ChannelSlice>>;

/// By unit, the parts of the operands that are of it.
static std::map<ChannelUnit, MaybeSlices>
partsOfUnits(ArrayRef<const ChannelOrigin *> operands) {
  MaybeSlices none(operands.size());
  for (auto [slice, origin] : llvm::zip(none, operands))
    if (origin)
      slice = ChannelSlice{origin->axis, {}};
  std::map<ChannelUnit, MaybeSlices> parts;
  for (auto [index, origin] : llvm::enumerate(operands)) {
    if (!origin)
      continue;
    for (auto [position, unit] : llvm::enumerate(origin->units))
      if (unit.known())
        parts.try_emplace(unit, none)
            .first->second[index]
            ->list.append(position, position + 1);
  }
  return parts;
}

std::optional<ChannelOrigin>
mlir::lcp::followUnits(Operation *op, ArrayRef<const ChannelOrigin *> operands,
                       llvm::function_ref<void(ChannelUnit)> refuse) {
  ChannelOrigin result;
  for (const auto &[unit, parts] : partsOfUnits(operands)) {
    auto slice = llvm::expectedToOptional(followParts(op, parts));
    if (!slice) {
      refuse(unit);
      continue;
    }
    auto type = cast<RankedTensorType>(op->getResult(0).getType());
    result.axis = slice->axis;
    result.units.resize(type.getDimSize(slice->axis));
    for (ChannelRange range : slice->list.ranges())
      for (int64_t at = range.begin; at < range.end; ++at)
        result.units[at] = unit;
  }
  if (result.units.empty())
    return std::nullopt;
  return result;
}
