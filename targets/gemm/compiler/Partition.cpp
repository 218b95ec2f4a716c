//===- Partition.cpp - Which ops run where, in what order ----------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/gemm/compiler/Partition.h"
#include "lcp/Dialect/LCP/IR/LCPOps.h"
#include "lcp/Lower/Unit.h"
#include "lcp/Quantize/Calibrate.h"
#include "lcp/Quantize/Quantize.h"

using namespace mlir;
using namespace mlir::lcp;
using namespace mlir::lcp::gemm;

static bool runsOnEngine(Operation *op) {
  auto isFloat = [](Value value) {
    return cast<RankedTensorType>(value.getType()).getElementType().isF32();
  };
  return isa<QuantizeOp, DequantizeOp>(op) || !isFloat(op->getResult(0));
}

// Parts alternate, and even ones are the engine's. An op goes into the first
// part of its side that comes no earlier than those of its operands.
static unsigned choosePart(Operation *op,
                           const DenseMap<Operation *, unsigned> &partOf) {
  unsigned part = 0;
  for (Value operand : op->getOperands())
    if (Operation *producer = operand.getDefiningOp())
      part = std::max(part, partOf.lookup(producer));
  return part + (part % 2 != (runsOnEngine(op) ? 0 : 1));
}

static Part makePart(func::FuncOp function, ArrayRef<Operation *> ops) {
  Border border = findBorder(ops);
  Part part;
  part.onEngine = runsOnEngine(ops.front());
  part.module = makeUnitModule(function.getLoc(), function.getName(),
                               border.inputs, ops, border.outputs);
  // Both attributes have served: the parts are chosen.
  part.module->walk([](Operation *op) {
    op->removeAttr(kKeepFloatAttr);
    op->removeAttr(kMaxAbsAttr);
  });
  part.inputs = std::move(border.inputs);
  part.outputs = std::move(border.outputs);
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
