//===- LayerKind.h - Layers that run at unlike rates ------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_COMMON_DEVICES_LAYERKIND_H
#define LCP_COMMON_DEVICES_LAYERKIND_H

#include <array>
#include <cstddef>
#include <cstdint>
#include <numeric>

namespace lcp {

/// What decides how much of its peak a device reaches in a layer: Conv3x3 is
/// dense with strides of 1 (Winograd's), Depthwise has one channel a group, and
/// a dense layer waits for memory. Other: larger kernels, strides, groups.
enum class LayerKind : size_t { Conv3x3, Conv1x1, Depthwise, Dense, Other };

/// As device files have them, in the order of LayerKind.
constexpr std::array<const char *, 5> layerKindNames = {
    "conv3x3", "conv1x1", "depthwise", "dense", "other"};

/// Multiply-accumulates by kind of layer.
struct MacsByKind {
  std::array<int64_t, layerKindNames.size()> counts{};

  int64_t &operator[](LayerKind kind) { return counts[size_t(kind)]; }
  int64_t total() const {
    return std::accumulate(counts.begin(), counts.end(), int64_t(0));
  }
  MacsByKind &operator+=(const MacsByKind &other) {
    for (size_t i = 0; i < counts.size(); ++i)
      counts[i] += other.counts[i];
    return *this;
  }
  MacsByKind &operator-=(const MacsByKind &other) {
    for (size_t i = 0; i < counts.size(); ++i)
      counts[i] -= other.counts[i];
    return *this;
  }
};

} // namespace lcp

#endif // LCP_COMMON_DEVICES_LAYERKIND_H
