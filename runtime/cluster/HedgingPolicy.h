//===- HedgingPolicy.h - When to ask a second worker ------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_CLUSTER_HEDGINGPOLICY_H
#define LCP_RUNTIME_CLUSTER_HEDGINGPOLICY_H

#include "runtime/cluster/Transport.h"

namespace lcp::rt {

/// A hedge is a second attempt that starts while the first still runs; the
/// first answer counts (Dean, Barroso: The Tail at Scale, 2013). It begins when
/// the first attempt has taken longer than 95 of 100 did, and so that a slow
/// fleet is not made slower still, at most every tenth attempt has one.
class HedgingPolicy {
public:
  static constexpr size_t window = 128, samplesNeeded = 20;
  static constexpr double share = 0.1, burst = 10;
  /// Less is the noise of any scheduler.
  static constexpr Duration shortest = std::chrono::milliseconds(1);

  /// Branches of all stages are numbered through.
  explicit HedgingPolicy(size_t branches) : observed(branches) {}

  /// An attempt at `branch` was answered after `latency`.
  void record(size_t branch, Duration latency);

  /// How long a first attempt runs alone, if there is another worker to ask and
  /// `left` until the deadline. While too little is known, or hedges have used
  /// up their share, a quarter of what is left: then it is the deadline that is
  /// in danger.
  Duration delay(size_t branch, Duration left) const;

  /// A first attempt has begun; a hedge has.
  void countAttempt() { tokens = std::min(burst, tokens + share); }
  void countHedge() { tokens = std::max(0.0, tokens - 1); }

  /// The 95th percentile of the latest latencies; zero while too little is
  /// known.
  Duration p95(size_t branch) const { return observed[branch].p95; }

private:
  struct Observed {
    /// A ring of the latest.
    std::vector<Duration> latencies;
    size_t next = 0;
    Duration p95{0};
  };
  std::vector<Observed> observed;
  double tokens = burst;
};

} // namespace lcp::rt

#endif // LCP_RUNTIME_CLUSTER_HEDGINGPOLICY_H
