//===- ReplicaSet.cpp - The workers that can run a branch -----------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cluster/ReplicaSet.h"

#include <algorithm>
#include <tuple>

using namespace lcp;
using namespace lcp::rt;

std::optional<size_t> ReplicaSet::choose(const HealthMonitor &health,
                                         const std::vector<unsigned> &load,
                                         const std::vector<size_t> &excluded,
                                         TimePoint now) const {
  auto rank = [&](const Member &member) {
    return std::make_tuple(health.of(member.worker, now) == Health::Suspect,
                           member.spare, load[member.worker]);
  };
  const Member *best = nullptr;
  for (const Member &member : members) {
    if (!health.isUsable(member.worker) ||
        std::count(excluded.begin(), excluded.end(), member.worker))
      continue;
    if (!best || rank(member) < rank(*best))
      best = &member;
  }
  return best ? std::optional<size_t>(best->worker) : std::nullopt;
}
