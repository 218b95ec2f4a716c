//===- Step.h - What a step function's attributes say -----------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_TARGETS_CPU_COMPILER_DIALECT_STEP_H
#define LCP_TARGETS_CPU_COMPILER_DIALECT_STEP_H

#include "lcp/Dialect/LCP/IR/LCPOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "targets/cpu/compiler/dialect/Layout.h"

namespace mlir::lcp::cpu {

/// A tensor as a step sees it. kViewAttr on an argument is the type as which
/// the step reads it where that is not its own: an image behind a flatten;
/// channel parameters lined up with the channels.
struct TensorLayout {
  RankedTensorType type;
  Layout layout;
};

inline TensorLayout getArgument(func::FuncOp step, unsigned i) {
  auto type = cast<RankedTensorType>(step.getArgumentTypes()[i]);
  if (auto view = step.getArgAttrOfType<TypeAttr>(i, kViewAttr))
    type = cast<RankedTensorType>(view.getValue());
  return {type,
          fromAttribute(step.getArgAttrOfType<LayoutAttr>(i, kLayoutAttr))};
}

inline TensorLayout getResult(func::FuncOp step) {
  return {cast<RankedTensorType>(step.getResultTypes()[0]),
          fromAttribute(step.getResultAttrOfType<LayoutAttr>(0, kLayoutAttr))};
}

/// A step's argument or the value behind it, as the step sees it.
inline TensorLayout getOperand(func::FuncOp step, Value argument) {
  return getArgument(step, cast<BlockArgument>(argument).getArgNumber());
}

/// The op that gives the step its loops; elementwise ones may follow.
inline Operation *getRoot(func::FuncOp step) {
  return &step.getBody().front().front();
}

/// Whether `function` is a step that is not emitted yet: private, with a body
/// over tensors.
inline bool isStep(func::FuncOp function) {
  return function.isPrivate() && !function.isExternal() &&
         function.getNumResults() == 1;
}

} // namespace mlir::lcp::cpu

#endif // LCP_TARGETS_CPU_COMPILER_DIALECT_STEP_H
