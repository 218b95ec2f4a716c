//===- Quantize.h - Float functions to integer models --------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_QUANTIZE_QUANTIZE_H
#define LCP_QUANTIZE_QUANTIZE_H

#include "lcp/Target/QuantSpec.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace mlir::lcp {

/// StringAttr: the op stays floating-point, and why.
inline constexpr llvm::StringLiteral kKeepFloatAttr = "lcp.keep_float";

struct QuantizeCounts {
  unsigned integerOps = 0, floatOps = 0;
};

/// The pass lcp-quantize (Passes.td) as a function, within the limits of the
/// target that `function` is for. Fails, with a diagnostic, on an op with
/// regions and on one that should become integer but carries no range
/// (Calibrate.h).
FailureOr<QuantizeCounts> quantize(func::FuncOp function,
                                   const QuantSpec &spec);

} // namespace mlir::lcp

#endif // LCP_QUANTIZE_QUANTIZE_H
