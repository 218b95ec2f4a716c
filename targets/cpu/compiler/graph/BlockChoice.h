//===- BlockChoice.h - One block for what belongs together ------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_TARGETS_CPU_COMPILER_GRAPH_BLOCKCHOICE_H
#define LCP_TARGETS_CPU_COMPILER_GRAPH_BLOCKCHOICE_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "targets/cpu/compiler/dialect/LCPCPUDialect.h"

namespace mlir::lcp::cpu {

/// Whether the op can write its result in channel blocks and with a halo.
bool canBlock(Operation *op);

/// Whether the op's image operands must have the channel block of its result.
bool followsOperands(Operation *op);

/// Sets the channel block of every value that can have one. Halos are left
/// empty.
void assignBlocks(func::FuncOp function, MachineAttr machine);

} // namespace mlir::lcp::cpu

#endif // LCP_TARGETS_CPU_COMPILER_GRAPH_BLOCKCHOICE_H
