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

/// A new f32 constant whose elements `fill` writes, straight into the blob.
/// Named after `like`'s resource where it has one, otherwise `name`.
ConstantOp
createFilledConstant(OpBuilder &builder, Location loc, RankedTensorType type,
                     ConstantOp like, StringRef name,
                     llvm::function_ref<void(MutableArrayRef<float>)> fill);

/// Erases those of `candidates` that nothing uses, and then those of their
/// operands' producers; a candidate may be named twice.
void eraseIfUnused(ArrayRef<Operation *> candidates);

} // namespace mlir::lcp

#endif // LCP_LIB_DIALECT_LCP_TRANSFORMS_CONSTANTS_H
