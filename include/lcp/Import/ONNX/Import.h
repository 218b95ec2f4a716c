//===- Import.h - ONNX files to the lcp dialect -----------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_IMPORT_ONNX_IMPORT_H
#define LCP_IMPORT_ONNX_IMPORT_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

#include <map>
#include <string>

namespace mlir::lcp {

struct ONNXImportOptions {
  /// Shapes of graph inputs by name, for those whose file leaves a dimension
  /// open. A symbolic first dimension needs none: it becomes 1, with a remark.
  std::map<std::string, SmallVector<int64_t>> shapes;
};

/// Adds `NAME=1x3x224x224` to the options. On failure `error` says why.
LogicalResult parseONNXShape(StringRef text, ONNXImportOptions &options,
                             std::string &error);

/// Step 1: reads an ONNX file and converts it to a module with one function
/// @main (docs/Architecture.md). Problems are emitted as errors without a
/// location, each one line that starts with the path; all nodes that cannot be
/// converted are named. The result is null if there is one.
OwningOpRef<ModuleOp> importONNX(StringRef path, MLIRContext &context,
                                 const ONNXImportOptions &options = {});

} // namespace mlir::lcp

#endif // LCP_IMPORT_ONNX_IMPORT_H
