//===- ExchangePolicy.h - When values go directly ---------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_CLUSTER_EXCHANGEPOLICY_H
#define LCP_RUNTIME_CLUSTER_EXCHANGEPOLICY_H

#include "runtime/cluster/Transport.h"

namespace lcp::rt {

/// Workers that cannot reach one another are found out by trying. After a
/// failure values go over the coordinator for a while, and for twice as long
/// after the next one: a worker that died is soon forgotten, a wall between two
/// costs one failure a minute.
class ExchangePolicy {
public:
  static constexpr Duration first = std::chrono::milliseconds(100),
                            longest = std::chrono::seconds(60);

  bool mayExchange(TimePoint now) const { return now >= notBefore; }
  void succeeded() { pause = first; }
  /// Gives how long there is no other attempt.
  Duration failed(TimePoint now) {
    const Duration length = pause;
    // Those that were under way with it say nothing new.
    if (!mayExchange(now))
      return Duration(0);
    notBefore = now + length;
    pause = std::min(longest, 2 * length);
    return length;
  }

private:
  Duration pause = first;
  TimePoint notBefore = TimePoint::min();
};

} // namespace lcp::rt

#endif // LCP_RUNTIME_CLUSTER_EXCHANGEPOLICY_H
