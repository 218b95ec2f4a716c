//===- Passes.h - Simplification of the lcp dialect ----------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_DIALECT_LCP_TRANSFORMS_PASSES_H
#define LCP_DIALECT_LCP_TRANSFORMS_PASSES_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace mlir::lcp {

#define GEN_PASS_DECL
#include "lcp/Dialect/LCP/Transforms/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "lcp/Dialect/LCP/Transforms/Passes.h.inc"

/// Appends all of the passes above, in an order after which none of them finds
/// anything left to do, to a pipeline over modules.
void buildSimplifyPipeline(OpPassManager &passes);

/// Registers that pipeline as --lcp-simplify.
void registerSimplifyPipeline();

} // namespace mlir::lcp

#endif // LCP_DIALECT_LCP_TRANSFORMS_PASSES_H
