//===- Passes.h - From the integer model to commands ---------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_TARGETS_GEMM_COMPILER_PASSES_H
#define LCP_TARGETS_GEMM_COMPILER_PASSES_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Pass/Pass.h"

namespace mlir::lcp::gemm {
#define GEN_PASS_DECL
#include "targets/gemm/compiler/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "targets/gemm/compiler/Passes.h.inc"
} // namespace mlir::lcp::gemm

#endif // LCP_TARGETS_GEMM_COMPILER_PASSES_H
