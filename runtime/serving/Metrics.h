//===- Metrics.h - What a server counts -------------------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_SERVING_METRICS_H
#define LCP_RUNTIME_SERVING_METRICS_H

#include "common/base/Status.h"

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>

namespace lcp::rt {

/// Durations by size, as Prometheus counts them. Safe to use from several
/// threads.
class Histogram {
public:
  /// Upper bounds of the buckets, in seconds; one more has the rest.
  static constexpr std::array<double, 12> bounds = {
      0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005,
      0.01,   0.025,   0.05,   0.1,   0.5,    2.5};

  void add(std::chrono::nanoseconds duration);
  /// Appends the series of `name`, with `labels` ("model=\"lenet\"").
  void append(std::string &page, const std::string &name,
              const std::string &labels) const;

private:
  std::array<std::atomic<uint64_t>, bounds.size() + 1> counts = {};
  std::atomic<uint64_t> nanoseconds{0};
};

/// What is counted for each model.
struct ModelMetrics {
  static constexpr size_t codes = size_t(StatusCode::Internal) + 1;

  /// Requests by what they were answered with.
  std::array<std::atomic<uint64_t>, codes> answers = {};
  /// Cancelled by the client or by its deadline before they were computed.
  std::atomic<uint64_t> abandoned{0};
  Histogram waiting, computing;

  void count(StatusCode code) { ++answers[size_t(code)]; }
  /// Appends the values of lcp_requests_total with this label.
  void append(std::string &page, const std::string &label) const;
};

/// Appends "# HELP" and "# TYPE" of a metric; its values follow.
void appendMetricHead(std::string &page, const char *name, const char *type,
                      const char *help);
/// One with a single value.
void appendMetric(std::string &page, const char *name, const char *type,
                  const char *help, double value);
/// Memory and processor time of this process, under the names that
/// Prometheus' own libraries use.
void appendProcessMetrics(std::string &page);

} // namespace lcp::rt

#endif // LCP_RUNTIME_SERVING_METRICS_H
