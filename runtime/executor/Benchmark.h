//===- Benchmark.h - How long does a run take? ------------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_EXECUTOR_BENCHMARK_H
#define LCP_RUNTIME_EXECUTOR_BENCHMARK_H

#include "common/base/Status.h"

#include <cstdint>
#include <functional>

namespace lcp::rt {

struct BenchmarkOptions {
  unsigned warmup = 3;
  /// At least this many timed runs, and at least this many seconds of them.
  unsigned iterations = 10;
  double minSeconds = 1;
};

/// Times of single runs, in nanoseconds. The median is what to quote: means
/// follow the outliers of a busy machine.
struct BenchmarkResult {
  uint64_t runs = 0;
  double median = 0, mean = 0, standardDeviation = 0;
  double min = 0, p90 = 0, p99 = 0, max = 0;
};

Result<BenchmarkResult> benchmark(const BenchmarkOptions &options,
                                  const std::function<Status()> &run);

} // namespace lcp::rt

#endif // LCP_RUNTIME_EXECUTOR_BENCHMARK_H
