//===- Step.h - What a step function's attributes say ---===//
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

/// Argument attribute, a type: the tensor as which the step reads the argument
/// where that is not its own type. An image behind a flatten; channel
/// parameters lined up with the channels.
inline constexpr llvm::StringLiteral kViewAttr = "lcp.view";

/// A tensor as a step sees it.
struct TensorLayout {
  RankedTensorType type;
  Layout layout;
};

inline TensorLayout getArgument(func::FuncOp step, unsigned i) {
  auto type = cast<RankedTensorType>(step.getArgumentTypes()[i]);
  if (auto view = step.getArgAttrOfType<TypeAttr>(i, kViewAttr))
    type = cast<RankedTensorType>(view.getValue());
  return {type, fromAttribute(step.getArgAttr(i, kLayoutAttr))};
}

inline TensorLayout getResult(func::FuncOp step) {
  return {cast<RankedTensorType>(step.getResultTypes()[0]),
          fromAttribute(step.getResultAttr(0, kLayoutAttr))};
}

/// The op that gives the step its loops; elementwise ones may follow.
inline Operation *getRoot(func::FuncOp step) {
  return &step.getBody().front().front();
}

} // namespace mlir::lcp::cpu

#endif // LCP_TARGETS_CPU_COMPILER_DIALECT_STEP_H
