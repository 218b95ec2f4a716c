//===- PartFormat.h - How the bytes of a part are read ----------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_COMMON_BASE_PARTFORMAT_H
#define LCP_COMMON_BASE_PARTFORMAT_H

#include <cstdint>
#include <string>

namespace lcp {

/// What the code and weights of a compiled part are. The compiler states it, a
/// bundle carries it, and an engine says which formats it runs
/// (runtime/driver/Driver.h). It names no engine: a simulator, a board and
/// whatever comes later may all run one format.
struct PartFormat {
  /// The layout of the bytes, e.g. "cpu-image"; targets/NAME/abi defines it.
  std::string name;
  /// What the code was generated for: an instruction set by LLVM's name
  /// ("x86_64", "aarch64") or an accelerator's geometry ("gemm-32x64").
  std::string isa;
  /// Changes whenever bytes of the version before would be misread.
  uint32_t version = 0;
};

} // namespace lcp

#endif // LCP_COMMON_BASE_PARTFORMAT_H
