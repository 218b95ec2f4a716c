//===- Evaluate.h - The reference interpreter of the dialect -*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Golden outputs, calibration, constant folding and tests all use this one
// interpreter. Floating point is computed in double from the f32 values, except
// where docs/numerics.md fixes an f32 operation (quantize and dequantize);
// integers are exact.
//
//===----------------------------------------------------------------------===//

#ifndef LCP_REFERENCE_EVALUATE_H
#define LCP_REFERENCE_EVALUATE_H

#include "lcp/Dialect/LCP/IR/LCPOps.h"
#include "lcp/Reference/Tensor.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/STLFunctionalExtras.h"

namespace mlir::lcp::reference {

/// Sees every function argument, block argument of a branch and op result but
/// those of lcp.constant, once, in execution order.
using Observer = llvm::function_ref<void(Value, const Tensor &)>;

/// Runs `function` on `inputs`, which must have its argument types. Emits a
/// diagnostic and fails on an op that is not of the dialect, or on values that
/// an op's description excludes.
FailureOr<SmallVector<Tensor>> evaluate(func::FuncOp function,
                                        ArrayRef<Tensor> inputs,
                                        Observer observer = nullptr);

/// Runs one op without regions on the values of its operands. Emits a
/// diagnostic on failure.
FailureOr<Tensor> evaluateOp(Operation *op, ArrayRef<const Tensor *> operands);

/// What lcp.merge computes, on operands that its verifier would accept; an
/// empty order leaves them as they come.
Tensor mergeTensors(MergeKind kind, int64_t axis, ArrayRef<int64_t> order,
                    ArrayRef<const Tensor *> operands);

} // namespace mlir::lcp::reference

#endif // LCP_REFERENCE_EVALUATE_H
