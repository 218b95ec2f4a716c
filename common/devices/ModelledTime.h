//===- ModelledTime.h - A device's time, by its file -----------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The project's one model of time. It is a bound, not a prediction: a device
// never computes faster than its peak, and a link never carries more than what
// its file says. Whoever shows these figures calls them modelled.
//
//===----------------------------------------------------------------------===//

#ifndef LCP_COMMON_DEVICES_MODELLEDTIME_H
#define LCP_COMMON_DEVICES_MODELLEDTIME_H

#include "common/devices/Device.h"

namespace lcp {

/// Seconds that `macs` multiply-accumulates take at the device's peak:
///   macs / mac_per_s.
/// Nothing when the device's file does not say how fast it is.
std::optional<double> computeSeconds(const Device &device, int64_t macs);

/// Seconds that `bytes`, both directions together, take on the device's link,
/// with one wait each way in each of `roundTrips`:
///   8 * bytes / bandwidth_bits_per_s + 2 * roundTrips * latency_s.
/// No bytes and no round trips take 0 s on any device; otherwise nothing when
/// its file has no link.
std::optional<double> linkSeconds(const Device &device, int64_t bytes,
                                  unsigned roundTrips);

} // namespace lcp

#endif // LCP_COMMON_DEVICES_MODELLEDTIME_H
