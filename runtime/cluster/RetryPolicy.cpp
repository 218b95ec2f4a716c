//===- RetryPolicy.cpp - What to do about a failed attempt ----------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cluster/RetryPolicy.h"

#include <algorithm>

using namespace lcp;
using namespace lcp::rt;

bool RetryPolicy::mayHelp(StatusCode code) {
  switch (code) {
  case StatusCode::Ok:
  // A request that one worker finds wrong is wrong everywhere.
  case StatusCode::InvalidArgument:
  case StatusCode::Unsupported:
  case StatusCode::Untrusted:
    return false;
  // A kept value that is gone, or a worker that was started with less.
  case StatusCode::NotFound:
  case StatusCode::Corrupt:
  case StatusCode::ResourceExhausted:
  case StatusCode::Unavailable:
  case StatusCode::DeadlineExceeded:
  case StatusCode::Mismatch:
  case StatusCode::Internal:
    return true;
  }
  return false;
}

Duration RetryPolicy::pauseAfter(unsigned failures) const {
  return std::min(pause * (1u << std::min(failures, 10u)), longestPause);
}

TimePoint RetryPolicy::giveUpAt(TimePoint now, TimePoint deadline, bool suspect,
                                Duration usual) const {
  using namespace std::chrono_literals;
  const Duration left = deadline - now;
  const Duration share = std::chrono::duration_cast<Duration>(
      left * (suspect && usual == Duration(0) ? 0.25 : 1 - reserve));
  if (!suspect || usual == Duration(0))
    return now + share;
  return now + std::min(share, std::max<Duration>(4 * usual, 5ms));
}
