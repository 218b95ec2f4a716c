//===- OpTraits.cpp - What the CPU target's passes ask about ops ----------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/cpu/compiler/dialect/OpTraits.h"
#include "targets/cpu/compiler/dialect/LCPCPUDialect.h"

using namespace mlir;
using namespace mlir::lcp;
using namespace mlir::lcp::cpu;

bool mlir::lcp::cpu::followsOperands(Operation *op) {
  bool onChannels = true;
  if (auto concat = dyn_cast<ConcatOp>(op))
    onChannels = concat.getAxis() == 1;
  else if (auto slice = dyn_cast<SliceOp>(op))
    onChannels = slice.getAxis() == 1;
  else if (!isElementwise(op) && !isPool(op) && !isa<GlobalAvgPoolOp>(op))
    return false;
  return onChannels && getTensorType(op->getResult(0)).getRank() == 4;
}

bool mlir::lcp::cpu::canBlock(Operation *op) {
  if (op->getNumResults() != 1)
    return false;
  if (isa<Conv2DOp, ConvertLayoutOp>(op))
    return getTensorType(op->getResult(0)).getRank() == 4;
  return followsOperands(op);
}

LogicalResult mlir::lcp::cpu::checkHasLayout(Operation *op) {
  if (canBlock(op) && !isa<ConvertLayoutOp>(op) && !op->hasAttr(kLayoutAttr))
    return op->emitOpError()
           << "has no " << kLayoutAttr << ": run lcp-cpu-choose-blocks first";
  return success();
}
