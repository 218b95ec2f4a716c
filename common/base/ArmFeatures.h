//===- ArmFeatures.h - Features of an arm64 CPU -----------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The compiler may ask for these only, since the runtime can look for no
// others. Bits: the Linux kernel's Documentation/arch/arm64/elf_hwcaps.rst.
//
//===----------------------------------------------------------------------===//

#ifndef LCP_COMMON_BASE_ARMFEATURES_H
#define LCP_COMMON_BASE_ARMFEATURES_H

#include <cstdint>
#include <string_view>

namespace lcp {

/// Which word of the auxiliary vector has the bit.
enum class HwcapWord { First, Second };

struct ArmFeature {
  /// LLVM's.
  std::string_view name;
  HwcapWord word;
  uint32_t bit;
};

inline constexpr ArmFeature kArmFeatures[] = {
    {"fp-armv8", HwcapWord::First, 0},  {"neon", HwcapWord::First, 1},
    {"aes", HwcapWord::First, 3},       {"sha2", HwcapWord::First, 6},
    {"crc", HwcapWord::First, 7},       {"lse", HwcapWord::First, 8},
    {"fullfp16", HwcapWord::First, 10}, {"rdm", HwcapWord::First, 12},
    {"dotprod", HwcapWord::First, 20},  {"sve", HwcapWord::First, 22},
    {"fp16fml", HwcapWord::First, 23},  {"sve2", HwcapWord::Second, 1},
    {"i8mm", HwcapWord::Second, 13},    {"bf16", HwcapWord::Second, 14},
};

} // namespace lcp

#endif // LCP_COMMON_BASE_ARMFEATURES_H
