//===- Export.h - The lcp dialect to ONNX files -----------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_EXPORT_ONNX_EXPORT_H
#define LCP_EXPORT_ONNX_EXPORT_H

#include "mlir/IR/BuiltinOps.h"

namespace mlir::lcp {

struct ONNXExportOptions {
  /// Weights of more bytes in all go to a file beside the model, named after it
  /// with `.data` added. The default keeps clear of protobuf's 2 GiB.
  uint64_t externalDataOver = (uint64_t(1) << 31) - (uint64_t(1) << 26);
};

/// Writes @main of `module` as an ONNX file (opset 17); `-` is standard output.
/// Branches become one flat graph whose names say where each node belongs
/// (lcp/Import/ONNX/Role.h), so that an import gives them back. Files are
/// written under temporary names, then renamed. Reports through diagnostics;
/// integer models have no such form and are refused.
LogicalResult exportONNX(ModuleOp module, StringRef path,
                         const ONNXExportOptions &options = {});

} // namespace mlir::lcp

#endif // LCP_EXPORT_ONNX_EXPORT_H
