//===- Passes.h - Passes from float to integer models --------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_QUANTIZE_PASSES_H
#define LCP_QUANTIZE_PASSES_H

#include "lcp/Target/QuantSpec.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/Pass.h"

namespace mlir::lcp {
#define GEN_PASS_DECL
#include "lcp/Quantize/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "lcp/Quantize/Passes.h.inc"
} // namespace mlir::lcp

#endif // LCP_QUANTIZE_PASSES_H
