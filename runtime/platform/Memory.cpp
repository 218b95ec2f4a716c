//===- Memory.cpp - Does it fit this machine? -----------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/platform/Memory.h"

#include <algorithm>
#include <string>
#include <unistd.h>

namespace lcp::rt {

Status checkMemory(uint64_t needed, uint64_t limit) {
  uint64_t pages = uint64_t(std::max(0L, ::sysconf(_SC_PHYS_PAGES)));
  uint64_t memory = limit ? limit : pages * uint64_t(::sysconf(_SC_PAGESIZE));
  if (memory == 0 || needed <= memory)
    return {};
  return Status(
      StatusCode::ResourceExhausted,
      "the model works in " + std::to_string(needed >> 20) +
          (limit ? " MiB, the limit is " : " MiB, this machine has ") +
          std::to_string(memory >> 20));
}

} // namespace lcp::rt
