//===- Trace.h - What happened when, on which machine -----------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_PLATFORM_TRACE_H
#define LCP_RUNTIME_PLATFORM_TRACE_H

#include "runtime/platform/Time.h"

#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace lcp::rt {

/// Spans of time, by this machine's steady clock. From any thread.
class Trace {
public:
  struct Span {
    /// Where, and what of it: spans of one lane do not overlap, or lie one
    /// within the other.
    std::string machine, lane;
    std::string name;
    Deadline begin, end;
    std::vector<std::pair<std::string, std::string>> details = {};
  };
  /// What comes later is left out: it is one inference that people look at.
  static constexpr size_t most = 100000;

  void add(Span span) {
    std::lock_guard<std::mutex> lock(mutex);
    if (all.size() < most)
      all.push_back(std::move(span));
  }
  std::vector<Span> spans() const {
    std::lock_guard<std::mutex> lock(mutex);
    return all;
  }

private:
  mutable std::mutex mutex;
  std::vector<Span> all;
};

} // namespace lcp::rt

#endif // LCP_RUNTIME_PLATFORM_TRACE_H
