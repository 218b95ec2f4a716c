//===- Time.h - Time that never runs backwards ------------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_PLATFORM_TIME_H
#define LCP_RUNTIME_PLATFORM_TIME_H

#include <chrono>
#include <cstdint>
#include <ctime>

namespace lcp::rt {

/// Nanoseconds since some moment before the process began.
inline uint64_t monotonicNanoseconds() {
  timespec now;
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return uint64_t(now.tv_sec) * 1000000000u + uint64_t(now.tv_nsec);
}

/// The moment after which nobody wants the answer any more; by the clock that
/// nobody sets, so that a device which boots in 1970 is no special case.
using Deadline = std::chrono::steady_clock::time_point;
constexpr Deadline noDeadline = Deadline::max();

/// How many nanoseconds after its clock's zero a moment is.
template <typename Clock, typename Duration>
int64_t nanosecondsSinceZero(std::chrono::time_point<Clock, Duration> moment) {
  return std::chrono::nanoseconds(moment.time_since_epoch()).count();
}

} // namespace lcp::rt

#endif // LCP_RUNTIME_PLATFORM_TIME_H
