//===- ExecutableHeader.h - Finds a CPU executable's entry ------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_TARGETS_CPU_RUNTIME_EXECUTABLEHEADER_H
#define LCP_TARGETS_CPU_RUNTIME_EXECUTABLEHEADER_H

#include "common/base/Span.h"
#include "common/base/Status.h"
#include "targets/cpu/abi/CPUAbi.h"

#include <string_view>

namespace lcp::rt::cpu {

/// What an executable says of itself, and where its entry is.
struct ExecutableHeader {
  lcp_cpu_descriptor info;
  /// Bytes from the start of the executable; within it.
  uint64_t entryOffset = 0;
};

/// Reads the header of an executable for instruction set `isa`, without running
/// or trusting any of it: fails with Corrupt unless it is an ELF file of one
/// read-execute segment at offset 0 with a descriptor of this ABI version.
Result<ExecutableHeader> readExecutableHeader(ByteSpan code,
                                              std::string_view isa);

} // namespace lcp::rt::cpu

#endif // LCP_TARGETS_CPU_RUNTIME_EXECUTABLEHEADER_H
