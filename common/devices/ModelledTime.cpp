//===- ModelledTime.cpp - How long a device would take, by its file -------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "common/devices/ModelledTime.h"

using namespace lcp;

std::optional<double> lcp::computeSeconds(const Device &device, int64_t macs) {
  if (device.macPerSecond == 0)
    return std::nullopt;
  return double(macs) / device.macPerSecond;
}

std::optional<double> lcp::linkSeconds(const Device &device, int64_t bytes,
                                       unsigned roundTrips) {
  if (bytes == 0 && roundTrips == 0)
    return 0;
  if (device.linkBitsPerSecond == 0)
    return std::nullopt;
  return 8 * double(bytes) / device.linkBitsPerSecond +
         2 * double(roundTrips) * device.linkLatencySeconds;
}
