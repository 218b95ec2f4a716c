//===- Partition.cpp - Which ops run where, in what order ----------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/gemm/compiler/Partition.h"
#include "lcp/Dialect/LCP/IR/LCPOps.h"
#include "lcp/Quantize/Calibrate.h"
#include "lcp/Quantize/Quantize.h"
#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace mlir::lcp;
using namespace mlir::lcp::gemm;

static bool runsOnEngine(Operation *op) {
  auto isFloat = [](Value value) {
    return cast<RankedTensorType>(value.getType()).getElementType().isF32();
  };
  return isa<QuantizeOp, DequantizeOp>(op) || !isFloat(op->getResult(0));
}

// Parts alternate: even ones are the engine's. An op goes into the first of its
// side that is not before any of its operands'.
static unsigned choosePart(Operation *op,
                           const DenseMap<Operation *, unsigned> &partOf) {
  unsigned part = 0;
  for (Value operand : op->getOperands())
    if (Operation *producer = operand.getDefiningOp())
      part = std::max(part, partOf.lookup(producer));
  return part + (part % 2 != (runsOnEngine(op) ? 0 : 1));
}

// An op's constants are copied with it.
static void cloneWithConstants(OpBuilder &builder, Operation *op,
                               IRMapping &map) {
  for (Value operand : op->getOperands())
    if (auto constant = operand.getDefiningOp<ConstantOp>())
      if (!map.contains(operand))
        builder.clone(*constant, map);
  Operation *copy = builder.clone(*op, map);
  copy->removeAttr(kKeepFloatAttr);
  copy->removeAttr(kMaxAbsAttr);
}

static Part makePart(func::FuncOp function, ArrayRef<Operation *> ops) {
  Part part;
  part.onEngine = runsOnEngine(ops.front());
  llvm::SetVector<Value> inputs;
  llvm::DenseSet<Operation *> inside(ops.begin(), ops.end());
  for (Operation *op : ops) {
    for (Value operand : op->getOperands())
      if (!operand.getDefiningOp<ConstantOp>() &&
          !inside.contains(operand.getDefiningOp()))
        inputs.insert(operand);
    for (Value result : op->getResults())
      if (llvm::any_of(result.getUsers(),
                       [&](Operation *user) { return !inside.contains(user); }))
        part.outputs.push_back(result);
  }
  part.inputs.assign(inputs.begin(), inputs.end());

  OpBuilder builder(function.getContext());
  part.module = ModuleOp::create(function.getLoc());
  builder.setInsertionPointToStart(part.module->getBody());
  auto type = builder.getFunctionType(ValueRange(part.inputs).getTypes(),
                                      ValueRange(part.outputs).getTypes());
  auto unit =
      builder.create<func::FuncOp>(function.getLoc(), function.getName(), type);
  Block *body = unit.addEntryBlock();
  builder.setInsertionPointToStart(body);
  IRMapping map;
  map.map(ArrayRef<Value>(part.inputs), body->getArguments());
  for (Operation *op : ops)
    cloneWithConstants(builder, op, map);
  SmallVector<Value> results;
  for (Value output : part.outputs)
    results.push_back(map.lookup(output));
  builder.create<func::ReturnOp>(function.getLoc(), results);
  return part;
}

SmallVector<Part> gemm::partition(func::FuncOp function) {
  DenseMap<Operation *, unsigned> partOf;
  SmallVector<SmallVector<Operation *>> groups;
  for (Operation &op : function.getBody().front().without_terminator()) {
    if (isa<ConstantOp>(op))
      continue;
    unsigned part = choosePart(&op, partOf);
    partOf[&op] = part;
    if (groups.size() <= part)
      groups.resize(part + 1);
    groups[part].push_back(&op);
  }
  SmallVector<Part> parts;
  for (ArrayRef<Operation *> ops : groups)
    if (!ops.empty())
      parts.push_back(makePart(function, ops));
  return parts;
}
