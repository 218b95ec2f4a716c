//===- MemoryPlan.cpp - Many tensors, one block ---------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "common/base/MemoryPlan.h"

#include "common/base/Arithmetic.h"
#include "common/base/Tensor.h"

#include <algorithm>
#include <numeric>

namespace lcp {
namespace {

/// A block that has its place.
struct Placed {
  uint64_t begin, end;
  uint32_t first, last;
};

/// `placed` is in ascending order of begin.
std::optional<uint64_t> lowestPlace(const std::vector<Placed> &placed,
                                    const Lifetime &life, uint64_t size) {
  uint64_t place = 0;
  for (const Placed &other : placed) {
    if (other.last < life.first || life.last < other.first)
      continue;
    std::optional<uint64_t> end = checkedAdd(place, size);
    if (!end)
      return std::nullopt;
    if (*end <= other.begin)
      return place;
    place = std::max(place, other.end);
  }
  return place;
}

} // namespace

Result<MemoryPlan> planMemory(Span<const Lifetime> lifetimes) {
  const Status tooLarge(StatusCode::ResourceExhausted,
                        "the tensors do not fit any memory");
  std::vector<size_t> bySize(lifetimes.size());
  std::iota(bySize.begin(), bySize.end(), 0);
  std::sort(bySize.begin(), bySize.end(), [&](size_t a, size_t b) {
    return lifetimes[a].size != lifetimes[b].size
               ? lifetimes[a].size > lifetimes[b].size
               : a < b;
  });
  MemoryPlan plan;
  plan.offsets.resize(lifetimes.size());
  std::vector<Placed> placed;
  for (size_t i : bySize) {
    const Lifetime &life = lifetimes[i];
    std::optional<uint64_t> size = checkedAlignUp(life.size, tensorAlignment);
    std::optional<uint64_t> begin =
        size ? lowestPlace(placed, life, *size) : std::nullopt;
    std::optional<uint64_t> end =
        begin ? checkedAdd(*begin, *size) : std::nullopt;
    if (!end)
      return tooLarge;
    Placed entry{*begin, *end, life.first, life.last};
    placed.insert(std::upper_bound(placed.begin(), placed.end(), entry,
                                   [](const Placed &a, const Placed &b) {
                                     return a.begin < b.begin;
                                   }),
                  entry);
    plan.offsets[i] = *begin;
    plan.size = std::max(plan.size, *end);
  }
  return plan;
}

} // namespace lcp
