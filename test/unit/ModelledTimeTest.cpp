//===- ModelledTimeTest.cpp - Times by a device's file, worked by hand ----===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "common/devices/ModelledTime.h"

#include <gtest/gtest.h>

using namespace lcp;

namespace {

TEST(ModelledTime, IsPeakBandwidthAndLatency) {
  Device device;
  device.macPerSecond = 2e9;
  device.linkBitsPerSecond = 1e6;
  device.linkLatencySeconds = 0.25;
  EXPECT_DOUBLE_EQ(*computeSeconds(device, 500000000), 0.25);
  // 125000 bytes are a million bits; three round trips wait six times.
  EXPECT_DOUBLE_EQ(*linkSeconds(device, 125000, 3), 1 + 1.5);
  EXPECT_DOUBLE_EQ(*linkSeconds(device, 0, 0), 0);
}

TEST(ModelledTime, IsUnknownWhereTheFileIsSilent) {
  Device device;
  EXPECT_FALSE(computeSeconds(device, 1));
  EXPECT_FALSE(linkSeconds(device, 1, 0));
  EXPECT_FALSE(linkSeconds(device, 0, 1));
  // What sends nothing needs no link.
  EXPECT_DOUBLE_EQ(*linkSeconds(device, 0, 0), 0);
}

} // namespace
