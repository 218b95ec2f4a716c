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
  MacsByKind macs;
  macs[LayerKind::Conv1x1] = 400000000;
  macs[LayerKind::Dense] = 100000000;
  EXPECT_DOUBLE_EQ(*computeSeconds(device, macs), 0.25);
  EXPECT_EQ(efficiencySource(device), "peak");
  // 125000 bytes are a million bits; three round trips wait six times.
  EXPECT_DOUBLE_EQ(*linkSeconds(device, 125000, 6), 1 + 1.5);
  EXPECT_DOUBLE_EQ(*linkSeconds(device, 0, 0), 0);
}

TEST(ModelledTime, IsByEfficiencyOfEachKindOfLayer) {
  Device device;
  device.macPerSecond = 1e9;
  device.efficiency = {"measured", {2, 0.5, 0.1, 0.25, 1}};
  MacsByKind macs;
  macs[LayerKind::Conv3x3] = 200000000;
  macs[LayerKind::Dense] = 100000000;
  EXPECT_DOUBLE_EQ(*computeSeconds(device, macs), 0.1 + 0.4);
  EXPECT_EQ(efficiencySource(device), "measured");
}

TEST(ModelledTime, IsUnknownWhereTheFileIsSilent) {
  Device device;
  EXPECT_FALSE(computeSeconds(device, MacsByKind()));
  EXPECT_FALSE(linkSeconds(device, 1, 0));
  EXPECT_FALSE(linkSeconds(device, 0, 1));
  // What sends nothing needs no link.
  EXPECT_DOUBLE_EQ(*linkSeconds(device, 0, 0), 0);
}

} // namespace
