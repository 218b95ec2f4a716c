//===- Memory.h - Does it fit this machine? --------------------*- C++ -*- ===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_PLATFORM_MEMORY_H
#define LCP_RUNTIME_PLATFORM_MEMORY_H

#include "common/base/Status.h"

#include <cstdint>

namespace lcp::rt {

/// Fails with ResourceExhausted if `needed` bytes are more than `limit`, or
/// than this machine has if that is 0. To be asked before memory is allocated
/// whose size a file or a peer states: the system would rather swap or kill
/// than refuse.
Status checkMemory(uint64_t needed, uint64_t limit = 0);

} // namespace lcp::rt

#endif // LCP_RUNTIME_PLATFORM_MEMORY_H
