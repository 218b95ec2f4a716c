//===- Structure.h - Branches recorded in an ONNX file ----------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The exporter (lib/Export/ONNX) writes a split model as one flat graph and
// says in each node's name where it belongs:
//
//   s0.b2/NAME       in branch 2 of parallel stage 0
//   s0.concat1/NAME  joins result group 1 of that stage along an axis, in the
//                    branches' order, or in another by slices that follow
//   s0.sum1/NAME     adds the group up
//
// Nodes without such a name are outside any branch. Training keeps names.
//
//===----------------------------------------------------------------------===//

#ifndef LCP_LIB_IMPORT_ONNX_STRUCTURE_H
#define LCP_LIB_IMPORT_ONNX_STRUCTURE_H

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace mlir::lcp {

/// Moves the ops of a flat @main into lcp.parallel and lcp.merge as their
/// locations say. Where the names no longer fit the graph, it stays as it is
/// and a warning says so.
void rebuildBranches(func::FuncOp main, StringRef path);

} // namespace mlir::lcp

#endif // LCP_LIB_IMPORT_ONNX_STRUCTURE_H
