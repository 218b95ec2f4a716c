//===- Structure.h - Branches recorded in an ONNX file ----------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_LIB_IMPORT_ONNX_STRUCTURE_H
#define LCP_LIB_IMPORT_ONNX_STRUCTURE_H

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace mlir::lcp {

/// Moves the ops of a flat @main into lcp.parallel and lcp.merge as the
/// roles in their locations say (Role.h). `firstDevices` is the metadata's
/// list, empty if there is none. Where names or list do not fit the graph, it
/// stays as it is and a warning says so.
void rebuildBranches(func::FuncOp main, StringRef firstDevices, StringRef path);

} // namespace mlir::lcp

#endif // LCP_LIB_IMPORT_ONNX_STRUCTURE_H
