//===- ShortRuns.h - Whether a model needs a thread of its own --*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Internal to runtime/serving.
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_SERVING_SHORTRUNS_H
#define LCP_RUNTIME_SERVING_SHORTRUNS_H

#include <atomic>
#include <chrono>

namespace lcp::rt {

/// Watches how long a model's inferences take. While they are shorter than the
/// way to a computing thread and back, they are better computed where the
/// request was received. From any thread.
class ShortRuns {
public:
  /// Less than the loop's thread needs to decrypt a message of 600 KB, so that
  /// nothing else on it notices (docs/rationale/grpc-without-grpc.md).
  static constexpr std::chrono::microseconds longest{200};
  /// So many in a row are believed. One that takes longer is believed at once.
  static constexpr unsigned needed = 16;

  void add(std::chrono::nanoseconds duration) {
    if (duration > longest)
      inARow = 0;
    else if (inARow < needed)
      ++inARow;
  }
  bool areExpected() const { return inARow >= needed; }

private:
  std::atomic<unsigned> inARow{0};
};

} // namespace lcp::rt

#endif // LCP_RUNTIME_SERVING_SHORTRUNS_H
