//===- Footprint.h - Parameters and multiplications of a model ------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_DIALECT_LCP_IR_FOOTPRINT_H
#define LCP_DIALECT_LCP_IR_FOOTPRINT_H

#include "mlir/IR/Operation.h"
#include <cstdint>

namespace mlir::lcp {

/// What a model, a branch or a layer carries and computes.
struct Footprint {
  /// Elements of its constants, each constant counted once.
  int64_t parameters = 0;
  /// Multiply-accumulates of convolutions and dense layers, padding included,
  /// for one inference.
  int64_t macs = 0;
};

/// Of everything nested in `root`, and of `root` itself.
Footprint measureFootprint(Operation *root);

} // namespace mlir::lcp

#endif // LCP_DIALECT_LCP_IR_FOOTPRINT_H
