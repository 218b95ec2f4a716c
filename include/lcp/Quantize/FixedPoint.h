//===- FixedPoint.h - Scales as multiplier and shift ---------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_QUANTIZE_FIXEDPOINT_H
#define LCP_QUANTIZE_FIXEDPOINT_H

#include <cstdint>

namespace mlir::lcp {

/// Bits of a multiplier. 15 keep the product with a 32-bit accumulator within
/// 46 bits, which two DSP48E1 multiply, and leave an error of 2^-15: 0.004 of
/// the last place of an i8.
inline constexpr int kMultiplierBits = 15;
/// A larger shift leaves nothing of any 46-bit product.
inline constexpr int kMaxShift = 47;

/// The factor multiplier / 2^shift, 0 <= multiplier < 2^15, 1 <= shift <= 47.
struct FixedPoint {
  int32_t multiplier;
  int32_t shift;
};

/// The nearest to `factor`, which is positive and finite. A factor of 2^14 or
/// more becomes the largest there is.
FixedPoint toFixedPoint(double factor);

} // namespace mlir::lcp

#endif // LCP_QUANTIZE_FIXEDPOINT_H
