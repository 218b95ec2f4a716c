//===- QuietRemarks.h - Trials that say nothing but errors -----*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_SPLIT_SHARDING_QUIETREMARKS_H
#define LCP_SPLIT_SHARDING_QUIETREMARKS_H

#include "mlir/IR/Diagnostics.h"

namespace mlir::lcp {

/// Drops remarks while it lives: what stays whole or merged is said once, by
/// the split itself, and not by each trial of it.
class QuietRemarks : public ScopedDiagnosticHandler {
public:
  explicit QuietRemarks(MLIRContext *context)
      : ScopedDiagnosticHandler(context, [](Diagnostic &diagnostic) {
          return success(diagnostic.getSeverity() ==
                         DiagnosticSeverity::Remark);
        }) {}
};

} // namespace mlir::lcp

#endif // LCP_SPLIT_SHARDING_QUIETREMARKS_H
