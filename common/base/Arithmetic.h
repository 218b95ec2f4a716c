//===- Arithmetic.h - Sizes that cannot wrap --------------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_COMMON_BASE_ARITHMETIC_H
#define LCP_COMMON_BASE_ARITHMETIC_H

#include <cstdint>
#include <optional>

namespace lcp {

/// a + b, or nothing if it does not fit.
inline std::optional<uint64_t> checkedAdd(uint64_t a, uint64_t b) {
  uint64_t sum;
  if (__builtin_add_overflow(a, b, &sum))
    return std::nullopt;
  return sum;
}

/// a * b, or nothing if it does not fit.
inline std::optional<uint64_t> checkedMul(uint64_t a, uint64_t b) {
  uint64_t product;
  if (__builtin_mul_overflow(a, b, &product))
    return std::nullopt;
  return product;
}

inline bool isPowerOf2(uint64_t value) {
  return value != 0 && (value & (value - 1)) == 0;
}

/// The next multiple of `alignment`, a power of two, or nothing if that does
/// not fit.
inline std::optional<uint64_t> checkedAlignUp(uint64_t value,
                                              uint64_t alignment) {
  std::optional<uint64_t> sum = checkedAdd(value, alignment - 1);
  if (!sum)
    return std::nullopt;
  return *sum & ~(alignment - 1);
}

} // namespace lcp

#endif // LCP_COMMON_BASE_ARITHMETIC_H
