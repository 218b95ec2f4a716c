//===- Disassemble.h - Commands in words ------------------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_TARGETS_GEMM_RUNTIME_DISASSEMBLE_H
#define LCP_TARGETS_GEMM_RUNTIME_DISASSEMBLE_H

#include "targets/gemm/abi/Command.h"

#include <string>

namespace lcp::rt::gemm {

/// The command in one line of words.
std::string disassemble(const lcp::gemm::Command &command);

} // namespace lcp::rt::gemm

#endif // LCP_TARGETS_GEMM_RUNTIME_DISASSEMBLE_H
