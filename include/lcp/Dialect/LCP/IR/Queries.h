//===- Queries.h - What everybody asks of a network -------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_DIALECT_LCP_IR_QUERIES_H
#define LCP_DIALECT_LCP_IR_QUERIES_H

#include "lcp/Dialect/LCP/IR/LCPOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"

namespace mlir::lcp {

/// @main of `module`, one block of it, or an error.
FailureOr<func::FuncOp> findMain(ModuleOp module);

/// For messages: the node's name and the op's, or just the latter.
std::string describe(Operation *op);

/// Whether `op` itself has trained weights and makes channels: conv2d, dense.
bool isLayer(Operation *op);

inline bool isConstant(Value value) {
  return value.getDefiningOp<ConstantOp>() != nullptr;
}

} // namespace mlir::lcp

#endif // LCP_DIALECT_LCP_IR_QUERIES_H
