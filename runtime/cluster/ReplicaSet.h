//===- ReplicaSet.h - The workers that can run a branch ---------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_CLUSTER_REPLICASET_H
#define LCP_RUNTIME_CLUSTER_REPLICASET_H

#include "runtime/cluster/HealthMonitor.h"

#include <optional>

namespace lcp::rt {

/// The workers that may stand for one device, and the choice among them.
class ReplicaSet {
public:
  struct Member {
    size_t worker = 0;
    /// It is there for all branches and asked after those that are listed for
    /// this one.
    bool spare = false;
  };

  /// In the order of the cluster file.
  void add(Member member) { members.push_back(member); }
  const std::vector<Member> &all() const { return members; }

  /// The usable worker that is asked first: one that is not suspect before one
  /// that is, a listed one before a spare, the one with the fewest calls under
  /// way, the first in the file. `load` has the calls of every worker; none of
  /// `excluded` is chosen.
  std::optional<size_t> choose(const HealthMonitor &health,
                               const std::vector<unsigned> &load,
                               const std::vector<size_t> &excluded,
                               TimePoint now) const;

private:
  std::vector<Member> members;
};

} // namespace lcp::rt

#endif // LCP_RUNTIME_CLUSTER_REPLICASET_H
