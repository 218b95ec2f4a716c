//===- FixedPoint.h - Scales as multiplier and shift -----------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_QUANTIZE_FIXEDPOINT_H
#define LCP_QUANTIZE_FIXEDPOINT_H

#include "lcp/Target/QuantSpec.h"

namespace mlir::lcp {

/// The factor multiplier / 2^shift, 0 <= multiplier < 2^multiplierBits,
/// 1 <= shift <= maxShift.
struct FixedPoint {
  int32_t multiplier;
  int32_t shift;
};

/// The nearest to `factor`, which is positive and finite. A factor that is too
/// large for the target's multipliers becomes the largest there is.
FixedPoint toFixedPoint(double factor, const QuantSpec &spec);

} // namespace mlir::lcp

#endif // LCP_QUANTIZE_FIXEDPOINT_H
