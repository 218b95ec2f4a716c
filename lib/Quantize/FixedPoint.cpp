//===- FixedPoint.cpp - Scales as multiplier and shift -------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lcp/Quantize/FixedPoint.h"
#include <cmath>

using namespace mlir::lcp;

FixedPoint mlir::lcp::toFixedPoint(double factor) {
  constexpr int32_t kLimit = 1 << kMultiplierBits;
  int exponent;
  double mantissa = std::frexp(factor, &exponent); // in [0.5, 1)
  int shift = kMultiplierBits - exponent;
  if (shift < 1)
    return {kLimit - 1, 1};
  // A tiny factor loses bits of its multiplier rather than of the range.
  if (shift > kMaxShift) {
    mantissa = std::ldexp(mantissa, kMaxShift - shift);
    shift = kMaxShift;
  }
  auto multiplier = static_cast<int32_t>(std::lround(mantissa * kLimit));
  if (multiplier == kLimit) { // the mantissa rounded up to 1
    if (shift == 1)
      return {kLimit - 1, 1};
    return {kLimit / 2, shift - 1};
  }
  return {multiplier, shift};
}
