//===- Partition.h - Which ops run where, in what order ------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_TARGETS_GEMM_COMPILER_PARTITION_H
#define LCP_TARGETS_GEMM_COMPILER_PARTITION_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

namespace mlir::lcp::gemm {

/// Ops of a unit that run on one side, as a unit of their own.
struct Part {
  bool onEngine = false;
  /// A module with one function, as targets take them.
  OwningOpRef<ModuleOp> module;
  /// Values of the unit that are the function's arguments and results.
  SmallVector<Value> inputs, outputs;
};

/// Cuts a quantised function into parts, in an order in which each finds its
/// inputs made: integer ops for the engine, the rest for the CPU, as few as the
/// dependences allow when each op goes into the earliest it can.
SmallVector<Part> partition(func::FuncOp function);

} // namespace mlir::lcp::gemm

#endif // LCP_TARGETS_GEMM_COMPILER_PARTITION_H
