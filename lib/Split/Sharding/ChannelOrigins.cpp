//===- ChannelOrigins.cpp - From whose choice a division follows ----------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lcp/Split/Sharding/ChannelOrigins.h"

using namespace mlir;
using namespace mlir::lcp;

ChannelOrigins::ChannelOrigins(func::FuncOp func, const Sharding &plan)
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

std::optional<ChannelOrigin> ChannelOrigins::follow(Operation *op) {
  SmallVector<const ChannelOrigin *> operands;
  for (Value operand : op->getOperands())
    operands.push_back(of(operand));
  return followUnits(op, operands,
                     [&](ChannelUnit unit) { rigid[unit.index] = true; });
}
