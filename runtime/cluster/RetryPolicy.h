//===- RetryPolicy.h - What to do about a failed attempt --------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_CLUSTER_RETRYPOLICY_H
#define LCP_RUNTIME_CLUSTER_RETRYPOLICY_H

#include "runtime/cluster/Transport.h"

namespace lcp::rt {

/// Whether to try again, when, and when to stop waiting. A branch is a pure
/// function, so an attempt may always be repeated.
struct RetryPolicy {
  /// Most attempts at one branch of one stage that may fail, hedges included.
  /// Those that found their worker too busy do not count: it will have time.
  unsigned attempts = 6;
  /// A worker that has failed this branch is asked again after as much, and
  /// after twice as much each time up to `longestPause`; a worker that has not,
  /// at once.
  Duration pause = std::chrono::milliseconds(10);
  Duration longestPause = std::chrono::milliseconds(320);
  /// How long a branch that nobody can run waits for a worker to come back, if
  /// the answer may not leave it out: longer than systemd takes to start a
  /// service again.
  Duration patience = std::chrono::seconds(1);
  /// Of the time until the deadline, what is kept for the steps behind a branch
  /// that is left out.
  double reserve = 0.1;

  /// Whether another worker, or the same one later, may succeed where an
  /// attempt failed with `code`.
  static bool mayHelp(StatusCode code);

  Duration pauseAfter(unsigned failures) const;

  /// When to give up on a branch that may be left out, at `now` of a request
  /// that ends at `deadline`. `suspect`: it was silent before and nobody else
  /// can run it, so that there is no point in waiting much longer than `usual`,
  /// the time that it takes at most on other days (zero: not known).
  TimePoint giveUpAt(TimePoint now, TimePoint deadline, bool suspect,
                     Duration usual) const;
};

} // namespace lcp::rt

#endif // LCP_RUNTIME_CLUSTER_RETRYPOLICY_H
