//===- HedgingPolicy.cpp - When to ask a second worker --------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cluster/HedgingPolicy.h"

#include <algorithm>

using namespace lcp;
using namespace lcp::rt;

void HedgingPolicy::record(size_t branch, Duration latency) {
  Observed &seen = observed[branch];
  if (seen.latencies.size() < window)
    seen.latencies.push_back(latency);
  else
    seen.latencies[seen.next] = latency;
  seen.next = (seen.next + 1) % window;
  // Sorting a little, now and then, is cheaper than keeping order.
  if (seen.latencies.size() < samplesNeeded || seen.next % 8 != 0)
    return;
  std::vector<Duration> sorted = seen.latencies;
  auto at = sorted.begin() + ptrdiff_t(sorted.size() * 95 / 100);
  std::nth_element(sorted.begin(), at, sorted.end());
  seen.p95 = *at;
}

Duration HedgingPolicy::delay(size_t branch, Duration left) const {
  const Duration late = std::max(left / 4, shortest);
  const Duration usual = observed[branch].p95;
  if (usual == Duration(0) || tokens < 1)
    return late;
  return std::clamp(usual, shortest, late);
}
