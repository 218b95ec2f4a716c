//===- MemoryPlan.h - Many tensors, one block -------------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_COMMON_BASE_MEMORYPLAN_H
#define LCP_COMMON_BASE_MEMORYPLAN_H

#include "common/base/Span.h"
#include "common/base/Status.h"

#include <cstdint>
#include <vector>

namespace lcp {

/// A block of memory that is needed from step `first` to step `last`, both
/// included.
struct Lifetime {
  uint64_t size = 0;
  uint32_t first = 0, last = 0;
};

struct MemoryPlan {
  /// One for every lifetime, multiples of tensorAlignment.
  std::vector<uint64_t> offsets;
  uint64_t size = 0;
};

/// The one planner, of the executor and of the targets that place tensors when
/// they compile. Gives blocks that live at the same time different places: the
/// largest first, each at the lowest place that is free throughout its life.
Result<MemoryPlan> planMemory(Span<const Lifetime> lifetimes);

} // namespace lcp

#endif // LCP_COMMON_BASE_MEMORYPLAN_H
