//===- QuantSpec.h - The integers that a target computes with --*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_TARGET_QUANTSPEC_H
#define LCP_TARGET_QUANTSPEC_H

#include <cstdint>

namespace mlir::lcp {

/// Limits that the integer model of a unit keeps to: what its target can hold.
/// lib/Quantize reads them and has none of its own. The defaults are the widest
/// that docs/numerics.md allows; a target narrows them. Sums must fit 32 bits:
/// maxReduction * 127 * 127 + maxBias < 2^31.
///
/// Which ops a target has at all is not here but on the ops:
/// Target::prepareForQuantize.
struct QuantSpec {
  /// Not a target's choice: weights and activations lie in [-127, 127], whoever
  /// computes.
  static constexpr int32_t kMaxMagnitude = 127;

  /// Products, or values of an average, that one accumulator may sum.
  int64_t maxReduction = int64_t(1) << 15;
  /// Largest magnitude of a bias in an accumulator.
  int32_t maxBias = 1 << 30;
  /// A requantisation multiplies by an integer in [0, 2^multiplierBits), at
  /// most 30 bits, and shifts right by [1, maxShift], at most 62.
  int multiplierBits = 15;
  int maxShift = 47;
};

} // namespace mlir::lcp

#endif // LCP_TARGET_QUANTSPEC_H
