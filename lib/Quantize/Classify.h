//===- Classify.h - Which ops become integer -----------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_QUANTIZE_CLASSIFY_H
#define LCP_QUANTIZE_CLASSIFY_H

#include "lcp/Dialect/LCP/IR/LCPOps.h"
#include "lcp/Target/QuantSpec.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/DenseMap.h"

namespace mlir::lcp {

/// What an op's integer form does to scales.
enum class IntegerForm {
  /// None: the op stays float.
  None,
  /// An i32 result, requantised to a scale of its own: conv2d, dense, average
  /// pools, add, sub.
  Accumulate,
  /// relu and clip: bounds of a requantisation.
  Clamp,
  /// The result has the operands' scale: max_pool2d, flatten, concat, ...
  Move,
};

/// The form of each op of a function, and why an op has none.
class Classification {
public:
  Classification(func::FuncOp function, const QuantSpec &spec);

  IntegerForm getForm(Operation *op) const { return forms.lookup(op); }
  bool isInteger(Operation *op) const {
    return op && getForm(op) != IntegerForm::None;
  }
  /// Empty for an integer op.
  StringRef getReason(Operation *op) const { return reasons.lookup(op); }

private:
  void follow(Operation *op, IntegerForm form);
  void leaveFloat(Operation *op, StringRef reason);
  void pruneUnrooted(func::FuncOp function);

  DenseMap<Operation *, IntegerForm> forms;
  DenseMap<Operation *, StringRef> reasons;
  /// Ops that a layer with weights feeds through integer ops.
  llvm::DenseSet<Operation *> rooted;
};

} // namespace mlir::lcp

#endif // LCP_QUANTIZE_CLASSIFY_H
