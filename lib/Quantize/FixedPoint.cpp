//===- FixedPoint.cpp - Scales as multiplier and shift -------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lcp/Quantize/FixedPoint.h"
#include <cmath>

using namespace mlir::lcp;

FixedPoint mlir::lcp::toFixedPoint(double factor, const QuantSpec &spec) {
  const int32_t limit = 1 << spec.multiplierBits;
  int exponent;
  double mantissa = std::frexp(factor, &exponent); // in [0.5, 1)
  int shift = spec.multiplierBits - exponent;
  if (shift < 1)
    return {limit - 1, 1};
  // A tiny factor loses bits of its multiplier rather than of the range.
  if (shift > spec.maxShift) {
    mantissa = std::ldexp(mantissa, spec.maxShift - shift);
    shift = spec.maxShift;
  }
  auto multiplier = static_cast<int32_t>(std::lround(mantissa * limit));
  if (multiplier == limit) { // the mantissa rounded up to 1
    if (shift == 1)
      return {limit - 1, 1};
    return {limit / 2, shift - 1};
  }
  return {multiplier, shift};
}
