//===- AxisSplit.h - A tensor around one of its axes ------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_TARGETS_CPU_COMPILER_KERNELS_AXISSPLIT_H
#define LCP_TARGETS_CPU_COMPILER_KERNELS_AXISSPLIT_H

#include "mlir/IR/BuiltinTypes.h"

namespace mlir::lcp::cpu {

/// A row-major tensor as [outer][axis][inner].
struct AxisSplit {
  int64_t outer, axis, inner;
};

inline AxisSplit splitAt(RankedTensorType type, int64_t axis) {
  int64_t outer = 1, inner = 1;
  for (int64_t d = 0; d < type.getRank(); ++d) {
    if (d < axis)
      outer *= type.getDimSize(d);
    else if (d > axis)
      inner *= type.getDimSize(d);
  }
  return {outer, type.getDimSize(axis), inner};
}

} // namespace mlir::lcp::cpu

#endif // LCP_TARGETS_CPU_COMPILER_KERNELS_AXISSPLIT_H
