//===- Routes.h - Which value goes from whom to whom ------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the coordinator does (runtime/cluster/ExchangePlan.h, and
// docs/rationale/direct-exchange.md for the why), said before there is one.
//
//===----------------------------------------------------------------------===//

#ifndef LCP_COMMON_TRAFFIC_ROUTES_H
#define LCP_COMMON_TRAFFIC_ROUTES_H

#include "common/traffic/TrafficModel.h"

#include <optional>

namespace lcp {

/// The coordinator's call of a branch.
struct RoutedCall {
  struct Input {
    uint32_t value = 0;
    /// The values that it is made of, which workers push: itself, or those of
    /// a merge. Empty: not that way.
    std::vector<uint32_t> awaited;
    /// It is on the device since an earlier stage; for the last time.
    bool isKept = false, isLast = false;

    bool isSent() const { return awaited.empty() && !isKept; }
  };
  struct Output {
    uint32_t value = 0;
    /// How many inputs of later stages await it, by device.
    std::map<size_t, unsigned> takers;
    /// It stays for later stages on the same device.
    bool isKept = false;
    bool isSentBack = false;
  };
  /// Of all stages of the model, and in it.
  size_t stage = 0, branch = 0;
  size_t device = 0;
  /// Stages of one segment follow one another with nothing but merges between
  /// them; its first one.
  size_t firstStage = 0;
  /// Workers hand values to each other in its segment: all its calls are made
  /// at once.
  bool isDirect = false;
  std::vector<Input> inputs;
  std::vector<Output> outputs;
};

/// The calls of all parallel stages, in order.
std::vector<RoutedCall> routeCalls(const TrafficModel &model);

} // namespace lcp

#endif // LCP_COMMON_TRAFFIC_ROUTES_H
