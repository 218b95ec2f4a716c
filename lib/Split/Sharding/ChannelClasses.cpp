//===- ChannelClasses.cpp - Values that must be divided alike -------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lcp/Split/Sharding/ChannelClasses.h"
#include <numeric>

using namespace mlir;
using namespace mlir::lcp;

Value ChannelClasses::leader(Value value) const {
  auto it = values.findLeader(value.getAsOpaquePointer());
  return it == values.member_end() ? value : Value::getFromOpaquePointer(*it);
}

int64_t ChannelClasses::getQuantum(Value value) const {
  auto it = classes.find(leader(value));
  return it == classes.end() ? 1 : it->second.quantum;
}

ArrayRef<Value> ChannelClasses::getDerived(Value value) const {
  auto it = classes.find(leader(value));
  return it == classes.end() ? ArrayRef<Value>() : it->second.derived;
}

/// The leader of `a` leads both.
void ChannelClasses::unite(Value a, Value b) {
  a = leader(a);
  b = leader(b);
  if (a == b)
    return;
  values.unionSets(a.getAsOpaquePointer(), b.getAsOpaquePointer());
  Class other = classes.lookup(b);
  Class &all = classes[a];
  all.quantum = std::lcm(all.quantum, other.quantum);
  llvm::append_range(all.derived, other.derived);
}

/// The operands whose channels are those of the result, each in its place.
static SmallVector<Value> operandsAlike(Operation *op) {
  Value result = op->getResult(0);
  ChannelSlice all{1, ChannelList(0, channelCount(result))};
  SmallVector<Value> alike;
  SmallVector<std::optional<ChannelSlice>> parts(op->getNumOperands());
  for (auto [operand, part] : llvm::zip(op->getOperands(), parts)) {
    bool hasChannels = cast<RankedTensorType>(operand.getType()).getRank() > 1;
    if (!hasChannels || isConstant(operand) ||
        channelCount(operand) != all.list.size())
      continue;
    part = all;
    alike.push_back(operand);
  }
  auto slice = llvm::expectedToOptional(followParts(op, parts));
  if (!slice || *slice != all)
    alike.clear();
  return alike;
}

void ChannelClasses::addOp(Operation *op) {
  auto channels = dyn_cast<ChannelOpInterface>(op);
  if (!channels || channels.getChannelRole() == ChannelRole::WeightedMixer)
    return;
  Value result = op->getResult(0);
  if (int64_t quantum = channels.getChannelQuantum(); quantum != 1) {
    Class &input = classes[leader(op->getOperand(0))];
    input.quantum = std::lcm(input.quantum, quantum);
  }
  SmallVector<Value> alike = operandsAlike(op);
  for (Value operand : alike)
    unite(operand, result);
  if (alike.empty())
    classes[leader(result)].derived.push_back(result);
}

ChannelClasses::ChannelClasses(func::FuncOp func) {
  for (Operation &op : func.getBody().front())
    addOp(&op);
}
