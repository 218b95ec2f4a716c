//===- ModelledTime.h - A device's time, by its file -----------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The project's one model of time. By a device's efficiency it is a prediction
// for layers like those that were measured; without one it is a bound: a device
// computes no faster than at its peak. Whoever shows these figures calls them
// modelled, and says which of the two they are.
//
//===----------------------------------------------------------------------===//

#ifndef LCP_COMMON_DEVICES_MODELLEDTIME_H
#define LCP_COMMON_DEVICES_MODELLEDTIME_H

#include "common/devices/Device.h"

namespace lcp {

/// Seconds that `macs` multiply-accumulates take:
///   sum over the kinds of layers of macs / (efficiency * mac_per_s),
/// with an efficiency of 1 where the device's file has none. Nothing when it
/// does not say how fast the device is.
std::optional<double> computeSeconds(const Device &device,
                                     const MacsByKind &macs);

/// Where that efficiency is from: "measured" or "published", as the file has
/// it, or "peak".
std::string efficiencySource(const Device &device);

/// Seconds that `bytes`, both directions together, take on the device's link,
/// in messages that wait `waits` times for one another:
///   8 * bytes / bandwidth_bits_per_s + waits * latency_s.
/// No bytes and no waits take 0 s on any device; otherwise nothing when its
/// file has no link.
std::optional<double> linkSeconds(const Device &device, int64_t bytes,
                                  unsigned waits);

} // namespace lcp

#endif // LCP_COMMON_DEVICES_MODELLEDTIME_H
