//===- Unit.cpp - Some ops as a unit of their own -------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lcp/Lower/Unit.h"
#include "lcp/Dialect/LCP/IR/LCPOps.h"
#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace mlir::lcp;

Border mlir::lcp::findBorder(ArrayRef<Operation *> ops) {
  SetVector<Value> inputs;
  Border border;
  DenseSet<Operation *> inside(ops.begin(), ops.end());
  for (Operation *op : ops) {
    for (Value operand : op->getOperands())
      if (!operand.getDefiningOp<ConstantOp>() &&
          !inside.contains(operand.getDefiningOp()))
        inputs.insert(operand);
    for (Value result : op->getResults())
      if (llvm::any_of(result.getUsers(),
                       [&](Operation *user) { return !inside.contains(user); }))
        border.outputs.push_back(result);
  }
  border.inputs = inputs.takeVector();
  return border;
}

OwningOpRef<ModuleOp> mlir::lcp::makeUnitModule(Location loc, StringRef name,
                                                ArrayRef<Value> arguments,
                                                ArrayRef<Operation *> ops,
                                                ArrayRef<Value> results) {
  OpBuilder builder(loc.getContext());
  OwningOpRef<ModuleOp> module = ModuleOp::create(loc, name);
  builder.setInsertionPointToStart(module->getBody());
  auto type = builder.getFunctionType(ValueRange(arguments).getTypes(),
                                      ValueRange(results).getTypes());
  auto function = builder.create<func::FuncOp>(loc, name, type);
  Block *body = function.addEntryBlock();
  builder.setInsertionPointToStart(body);
  IRMapping map;
  map.map(arguments, body->getArguments());
  for (Operation *op : ops) {
    for (Value operand : op->getOperands())
      if (auto constant = operand.getDefiningOp<ConstantOp>())
        if (!map.contains(operand))
          builder.clone(*constant, map);
    builder.clone(*op, map);
  }
  SmallVector<Value> returned;
  for (Value value : results)
    returned.push_back(map.lookup(value));
  builder.create<func::ReturnOp>(loc, returned);
  return module;
}
