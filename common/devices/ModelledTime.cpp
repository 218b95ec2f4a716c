//===- ModelledTime.cpp - How long a device would take, by its file -------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "common/devices/ModelledTime.h"

using namespace lcp;

std::optional<double> lcp::computeSeconds(const Device &device,
                                          const MacsByKind &macs) {
  if (device.macPerSecond == 0)
    return std::nullopt;
  if (!device.efficiency)
    return double(macs.total()) / device.macPerSecond;
  double atPeak = 0;
  for (size_t kind = 0; kind < macs.counts.size(); ++kind)
    atPeak += double(macs.counts[kind]) / device.efficiency->ofKind[kind];
  return atPeak / device.macPerSecond;
}

std::string lcp::efficiencySource(const Device &device) {
  return device.efficiency ? device.efficiency->source : "peak";
}

std::optional<double> lcp::linkSeconds(const Device &device, int64_t bytes,
                                       unsigned waits) {
  if (bytes == 0 && waits == 0)
    return 0;
  if (device.linkBitsPerSecond == 0)
    return std::nullopt;
  return 8 * double(bytes) / device.linkBitsPerSecond +
         double(waits) * device.linkLatencySeconds;
}
