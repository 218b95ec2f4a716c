//===- Benchmark.cpp - How long does a run take? --------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/executor/Benchmark.h"

#include "runtime/platform/Time.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

namespace lcp::rt {
namespace {

/// The smallest sample that at least `fraction` of all do not exceed.
double quantile(const std::vector<double> &sorted, double fraction) {
  size_t rank = size_t(std::ceil(fraction * double(sorted.size())));
  return sorted[std::min(sorted.size(), std::max<size_t>(rank, 1)) - 1];
}

BenchmarkResult summarise(std::vector<double> &samples) {
  std::sort(samples.begin(), samples.end());
  const size_t count = samples.size();
  BenchmarkResult result;
  result.runs = count;
  result.min = samples.front();
  result.max = samples.back();
  result.median = (samples[(count - 1) / 2] + samples[count / 2]) / 2;
  result.p90 = quantile(samples, 0.9);
  result.p99 = quantile(samples, 0.99);
  result.mean =
      std::accumulate(samples.begin(), samples.end(), 0.0) / double(count);
  double squares = 0;
  for (double sample : samples)
    squares += (sample - result.mean) * (sample - result.mean);
  result.standardDeviation =
      count > 1 ? std::sqrt(squares / double(count - 1)) : 0;
  return result;
}

} // namespace

Result<BenchmarkResult> benchmark(const BenchmarkOptions &options,
                                  const std::function<Status()> &run) {
  for (unsigned i = 0; i < options.warmup; ++i)
    LCP_RETURN_IF_ERROR(run());
  std::vector<double> samples;
  const double minNanoseconds = options.minSeconds * 1e9;
  double total = 0;
  while (samples.empty() || samples.size() < options.iterations ||
         total < minNanoseconds) {
    uint64_t begin = monotonicNanoseconds();
    LCP_RETURN_IF_ERROR(run());
    double time = double(monotonicNanoseconds() - begin);
    samples.push_back(time);
    total += std::max(time, 1.0);
  }
  return summarise(samples);
}

} // namespace lcp::rt
