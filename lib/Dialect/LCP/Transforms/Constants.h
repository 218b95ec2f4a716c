//===- Constants.h - New constants out of old ones ------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_LIB_DIALECT_LCP_TRANSFORMS_CONSTANTS_H
#define LCP_LIB_DIALECT_LCP_TRANSFORMS_CONSTANTS_H

#include "lcp/Dialect/LCP/IR/LCPOps.h"
#include "llvm/ADT/STLFunctionalExtras.h"

namespace mlir::lcp {

/// The f32 constant that produces `value`, or null.
ConstantOp getFloatConstant(Value value);

/// A new f32 constant in the place of `old`, named as it is, whose elements
/// `fill` writes straight into the blob.
ConstantOp
replaceConstant(OpBuilder &builder, ConstantOp old,
                llvm::function_ref<void(MutableArrayRef<float>)> fill);

/// The same for a constant that is new: tensor NAME.ROLE, where NAME is the
/// node's in `loc`.
ConstantOp
createFilledConstant(OpBuilder &builder, Location loc, RankedTensorType type,
                     StringRef role,
                     llvm::function_ref<void(MutableArrayRef<float>)> fill);

/// Erases those of `candidates` that nothing uses, and then those of their
/// operands' producers; a candidate may be named twice.
void eraseIfUnused(ArrayRef<Operation *> candidates);

} // namespace mlir::lcp

#endif // LCP_LIB_DIALECT_LCP_TRANSFORMS_CONSTANTS_H
