//===- LineLimiter.h - A log that peers cannot flood ------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Internal to runtime/rpc.
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_RPC_LINELIMITER_H
#define LCP_RUNTIME_RPC_LINELIMITER_H

#include "runtime/platform/Time.h"

#include <algorithm>
#include <functional>
#include <string>

namespace lcp::rt {

/// Passes ten lines at once and then two a second; the next that it passes says
/// how many it did not.
class LineLimiter {
public:
  explicit LineLimiter(std::function<void(const std::string &)> log)
      : log(std::move(log)) {}

  void write(const std::string &line) {
    if (!log)
      return;
    Deadline now = Deadline::clock::now();
    tokens = std::min(
        most,
        tokens + perSecond * std::chrono::duration<double>(now - last).count());
    last = now;
    if (tokens < 1) {
      ++dropped;
      return;
    }
    tokens -= 1;
    log(dropped == 0
            ? line
            : line + " (and " + std::to_string(dropped) + " lines like this)");
    dropped = 0;
  }

private:
  static constexpr double most = 10, perSecond = 2;
  std::function<void(const std::string &)> log;
  double tokens = most;
  Deadline last = Deadline::clock::now();
  unsigned dropped = 0;
};

} // namespace lcp::rt

#endif // LCP_RUNTIME_RPC_LINELIMITER_H
