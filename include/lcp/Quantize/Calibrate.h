//===- Calibrate.h - Ranges of values, from sample inputs ----------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_QUANTIZE_CALIBRATE_H
#define LCP_QUANTIZE_CALIBRATE_H

#include "lcp/Reference/Tensor.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace mlir::lcp {

/// On every op of the dialect, branches included: DenseF32ArrayAttr with the
/// largest magnitude of each operand (0 for an lcp.constant), then of each
/// result, over all samples. Operands are recorded as well so that the ops of
/// a branch keep their inputs' ranges wherever they are moved.
inline constexpr llvm::StringLiteral kMaxAbsAttr = "lcp.max_abs";

/// The inputs of one run, one tensor an argument.
using Sample = SmallVector<reference::Tensor>;

/// Runs `function` on every sample and records kMaxAbsAttr, replacing what was
/// there. Fails, with a diagnostic, without a sample, on one that does not fit
/// the arguments, and on a value that is not finite.
LogicalResult calibrate(func::FuncOp function, ArrayRef<Sample> samples);

/// `count` samples of normally distributed numbers (mean 0, variance 1), the
/// same for the same seed on every machine.
SmallVector<Sample> makeSeededSamples(func::FuncOp function, unsigned count,
                                      uint64_t seed);

/// Whether every op that lcp-quantize would need a range of has one.
bool isCalibrated(func::FuncOp function);

} // namespace mlir::lcp

#endif // LCP_QUANTIZE_CALIBRATE_H
