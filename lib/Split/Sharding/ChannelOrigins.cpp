//===- ChannelOrigins.cpp - From whose choice a division follows ----------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lcp/Split/Sharding/ChannelOrigins.h"
#include <map>

using namespace mlir;
using namespace mlir::lcp;

ChannelOrigins::ChannelOrigins(func::FuncOp func, const WidthPlan &plan)
    : plan(plan), classes(func), rigid(plan.choices.size(), false) {
  for (auto [index, choice] : llvm::enumerate(plan.choices))
    choiceOf[choice.leader] = index;
  // Every value once, so that all rigid choices are known.
  for (Operation &op : func.getBody().front())
    for (Value result : op.getResults())
      of(result);
}

const ChannelOrigin *ChannelOrigins::of(Value value) {
  // An entry from the start, so that a class that is derived from itself ends.
  auto [it, fresh] = known.try_emplace(value);
  if (!fresh)
    return it->second.get();
  std::optional<ChannelOrigin> found = find(value);
  if (!found)
    return nullptr;
  auto &origin = known[value];
  origin = std::make_unique<ChannelOrigin>(std::move(*found));
  return origin.get();
}

std::optional<ChannelOrigin> ChannelOrigins::find(Value value) {
  Operation *op = value.getDefiningOp();
  auto channels = dyn_cast_or_null<ChannelOpInterface>(op);
  if (!channels || op == plan.classifier)
    return std::nullopt;
  ChannelRole role = channels.getChannelRole();
  // A mixer without weights is outside in the exact form, and goes into the
  // branches once connections are removed.
  if (!plan.stages.contains(op) && role != ChannelRole::WeightlessMixer)
    return std::nullopt;
  bool starts = role == ChannelRole::WeightedMixer ||
                (role == ChannelRole::GroupedMixer && !of(op->getOperand(0)));
  return starts ? ofLayer(value) : follow(op);
}

std::optional<ChannelOrigin> ChannelOrigins::ofLayer(Value value) {
  Value leader = classes.leader(value);
  auto it = choiceOf.find(leader);
  if (it == choiceOf.end()) {
    for (Value other : classes.getDerived(value))
      if (const ChannelOrigin *origin = of(other);
          origin && origin->axis == 1 &&
          int64_t(origin->units.size()) == channelCount(value))
        return *origin;
    return std::nullopt;
  }
  ChannelOrigin origin;
  int64_t quantum = plan.choices[it->second].quantum;
  for (int64_t channel = 0; channel < channelCount(value); ++channel)
    origin.units.push_back({int(it->second), int(channel / quantum)});
  return origin;
}

/// What an op makes of its operands' units, asked for one unit at a time, as if
/// each were a branch.
std::optional<ChannelOrigin> ChannelOrigins::follow(Operation *op) {
  unsigned count = op->getNumOperands();
  std::map<ChannelUnit, SmallVector<std::optional<ChannelSlice>>> parts;
  SmallVector<std::optional<ChannelSlice>> none(count);
  for (unsigned index = 0; index < count; ++index)
    if (const ChannelOrigin *origin = of(op->getOperand(index)))
      none[index] = ChannelSlice{origin->axis, {}};
  for (unsigned index = 0; index < count; ++index)
    if (const ChannelOrigin *origin = of(op->getOperand(index)))
      for (auto [position, unit] : llvm::enumerate(origin->units))
        if (unit.known())
          parts.try_emplace(unit, none)
              .first->second[index]
              ->list.append(position, position + 1);
  if (parts.empty())
    return std::nullopt;
  ChannelOrigin result;
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  for (auto &[unit, slices] : parts) {
    std::string why;
    FailureOr<ChannelSlice> slice = followParts(op, slices, why);
    if (failed(slice)) {
      rigid[unit.index] = true;
      continue;
    }
    result.axis = slice->axis;
    result.units.resize(type.getDimSize(slice->axis));
    for (ChannelRange range : slice->list.ranges())
      for (int64_t at = range.begin; at < range.end; ++at)
        result.units[at] = unit;
  }
  if (result.units.empty()) // None could be followed.
    return std::nullopt;
  return result;
}
