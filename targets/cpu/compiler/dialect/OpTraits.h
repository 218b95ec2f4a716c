//===- OpTraits.h - What the CPU target's passes ask about ops --*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_TARGETS_CPU_COMPILER_DIALECT_OPTRAITS_H
#define LCP_TARGETS_CPU_COMPILER_DIALECT_OPTRAITS_H

#include "lcp/Dialect/LCP/IR/LCPOps.h"

namespace mlir::lcp::cpu {

inline RankedTensorType getTensorType(Value value) {
  return cast<RankedTensorType>(value.getType());
}

inline bool isConstant(Value value) {
  return value.getDefiningOp<ConstantOp>() != nullptr;
}

/// One input channel and one output channel a group.
inline bool isDepthwise(Conv2DOp conv) {
  auto weight = getTensorType(conv.getWeight());
  int64_t groups = conv.getGroups();
  return groups > 1 && weight.getDimSize(0) == groups &&
         weight.getDimSize(1) == 1;
}

/// Computes each element of the result from one element of each operand.
inline bool isElementwise(Operation *op) {
  return isa<ElementwiseOpInterface, QuantizeOp, DequantizeOp, RequantizeOp,
             ScaledSumOp>(op);
}

/// Reduces each window of each channel to one value.
inline bool isPool(Operation *op) {
  return isa<WindowOpInterface>(op) && !isa<Conv2DOp>(op);
}

/// Ops whose result is their operand's buffer under another type.
inline bool isRename(Operation *op) { return isa<FlattenOp, ReshapeOp>(op); }

/// The value in whose buffer this one lives.
inline Value getStorage(Value value) {
  while (Operation *op = value.getDefiningOp()) {
    if (!isRename(op))
      break;
    value = op->getOperand(0);
  }
  return value;
}

/// Whether a dense layer may read `flat`, a rename of an image, in the order of
/// the image's buffer: its weights are permuted instead.
inline bool keepsImages(Value image, Value flat) {
  auto from = getTensorType(image), to = getTensorType(flat);
  return from.getRank() == 4 && to.getRank() == 2 &&
         from.getDimSize(0) == to.getDimSize(0);
}

/// Whether the op's image operands must have the channel block of its result.
bool followsOperands(Operation *op);

/// Whether the op can write its result in channel blocks and with a halo.
bool canBlock(Operation *op);

/// Fails, with an error on the op, where canBlock holds and no layout is
/// written down: one that was lost must not be taken for a plain one.
LogicalResult checkHasLayout(Operation *op);

} // namespace mlir::lcp::cpu

#endif // LCP_TARGETS_CPU_COMPILER_DIALECT_OPTRAITS_H
