//===- LinkLoads.h - Bytes of tensors on each link --------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_COMMON_TRAFFIC_LINKLOADS_H
#define LCP_COMMON_TRAFFIC_LINKLOADS_H

#include "common/traffic/Routes.h"

namespace lcp {

/// Bytes that somebody gets and sends.
struct LinkLoad {
  uint64_t in = 0, out = 0;

  uint64_t total() const { return in + out; }
};

/// Of tensors, and of images in their place, in one inference. What a worker
/// hands to itself is on no link.
struct LinkLoads {
  LinkLoad coordinator;
  std::vector<LinkLoad> devices;
  /// Of each call, as in routeCalls; what several calls of a device await comes
  /// with the first of them.
  std::vector<LinkLoad> calls;
  struct Stage {
    /// What its busiest link carries: what a stage waits for where every host
    /// has a cable of its own.
    uint64_t busiest = 0;
    /// Every value, as often as it goes anywhere: the same where all hosts
    /// share one channel.
    uint64_t all = 0;
    /// How many messages, one after the other, it waits for: a call and an
    /// answer; between the stages of a segment a shard.
    unsigned waits = 0;
  };
  /// The parallel ones, in order. A shard belongs to the one that makes it.
  std::vector<Stage> stages;

  /// Of all of them, one after the other.
  Stage sum() const;
};

LinkLoads loadLinks(const TrafficModel &model,
                    const std::vector<RoutedCall> &calls);

/// To how many others an output goes.
unsigned countReceivers(const RoutedCall &call,
                        const RoutedCall::Output &output);

} // namespace lcp

#endif // LCP_COMMON_TRAFFIC_LINKLOADS_H
