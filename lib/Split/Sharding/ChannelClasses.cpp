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
  for (auto it = parents.find(value); it != parents.end();
       it = parents.find(value))
    value = it->second;
  return value;
}

void ChannelClasses::join(Value a, Value b) {
  a = leader(a);
  b = leader(b);
  if (a == b)
    return;
  quanta[a] = std::lcm(getQuantum(a), getQuantum(b));
  parents[b] = a;
  SmallVector<Value> moved = derived.lookup(b);
  llvm::append_range(derived[a], moved);
}

int64_t ChannelClasses::getQuantum(Value value) const {
  auto it = quanta.find(leader(value));
  return it == quanta.end() ? 1 : it->second;
}

ArrayRef<Value> ChannelClasses::getDerived(Value value) const {
  auto it = derived.find(leader(value));
  return it == derived.end() ? ArrayRef<Value>() : ArrayRef<Value>(it->second);
}

void ChannelClasses::addOp(Operation *op) {
  auto channels = dyn_cast<ChannelOpInterface>(op);
  if (!channels || channels.getChannelRole() == ChannelRole::WeightedMixer)
    return;
  Value result = op->getResult(0);
  if (channels.getChannelQuantum() != 1) {
    Value input = leader(op->getOperand(0));
    quanta[input] = std::lcm(getQuantum(input), channels.getChannelQuantum());
  }
  bool moves = channels.getChannelRole() == ChannelRole::Structural &&
               !isa<FlattenOp, ReshapeOp>(op);
  bool joined = false;
  for (Value operand : op->getOperands()) {
    if (moves || isConstant(operand) ||
        channelCount(operand) != channelCount(result))
      continue;
    join(operand, result);
    joined = true;
  }
  if (!joined)
    derived[leader(result)].push_back(result);
}

ChannelClasses::ChannelClasses(func::FuncOp func) {
  for (Operation &op : func.getBody().front())
    addOp(&op);
}
