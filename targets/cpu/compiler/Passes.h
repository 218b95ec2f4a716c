//===- Passes.h - Passes of the CPU target ----------------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_TARGETS_CPU_COMPILER_PASSES_H
#define LCP_TARGETS_CPU_COMPILER_PASSES_H

#include "lcp/Dialect/LCP/IR/LCPDialect.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"
#include "targets/cpu/compiler/dialect/LCPCPUDialect.h"

namespace mlir::lcp::cpu {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "targets/cpu/compiler/Passes.h.inc"

} // namespace mlir::lcp::cpu

#endif // LCP_TARGETS_CPU_COMPILER_PASSES_H
