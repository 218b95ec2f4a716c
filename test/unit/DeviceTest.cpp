//===- DeviceTest.cpp - Device files: what they say, and bad ones ---------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "common/devices/Device.h"

#include <fstream>
#include <gtest/gtest.h>

using namespace lcp;

namespace {

using Problems = std::vector<std::string>;

Problems problemsOf(const std::string &text) {
  Problems problems;
  EXPECT_FALSE(parseDevice(text, "d.yaml", problems).has_value());
  return problems;
}

TEST(Device, ReadsEveryKey) {
  Problems problems;
  auto device = parseDevice(
      "name: d\ndescription: D 1\nkind: cpu\ntriple: t\ncpu: c\nfeatures: +f\n"
      "cores: 4\nfmas_per_cycle: 1\nloads_per_cycle: 3\nfma_latency_cycles: 8\n"
      "l1d_bytes: 1\nl2_bytes: 2\nmemory_bytes: 3\n"
      "memory_bandwidth_bytes_per_s: 4.5e9\nmac_per_s: 5\npower_w: 6.5\n"
      "link:\n  bandwidth_bits_per_s: 7\n  latency_s: 0.5\n",
      "d.yaml", problems);
  ASSERT_TRUE(device) << problems[0];
  EXPECT_EQ(device->triple, "t");
  EXPECT_EQ(device->cpu, "c");
  EXPECT_EQ(device->features, "+f");
  EXPECT_EQ(device->cores, 4u);
  EXPECT_EQ(device->l1dBytes, 1u);
  EXPECT_EQ(device->l2Bytes, 2u);
  EXPECT_EQ(device->memoryBytes, 3u);
  EXPECT_EQ(device->memoryBandwidthBytesPerSecond, 4.5e9);
  EXPECT_EQ(device->macPerSecond, 5);
  EXPECT_EQ(device->powerWatts, 6.5);
  EXPECT_EQ(device->linkBitsPerSecond, 7);
  EXPECT_EQ(device->linkLatencySeconds, 0.5);
  EXPECT_EQ(device->fmasPerCycle, 1u);
  EXPECT_EQ(device->loadsPerCycle, 3u);
  EXPECT_EQ(device->fmaLatencyCycles, 8u);
}

const std::string withPeak = "name: d\nkind: cpu\nmac_per_s: 5\n";
const std::string kinds = "  conv3x3: 1.5\n  conv1x1: 0.5\n"
                          "  depthwise: 0.1\n  dense: 0.2\n  other: 0.3\n";

TEST(Device, ReadsItsEfficiency) {
  Problems problems;
  auto device =
      parseDevice(withPeak + "efficiency:\n  source: published\n" + kinds,
                  "d.yaml", problems);
  ASSERT_TRUE(device) << problems[0];
  EXPECT_EQ(device->efficiency->source, "published");
  EXPECT_EQ(device->efficiency->ofKind[size_t(LayerKind::Conv3x3)], 1.5);
  EXPECT_EQ(device->efficiency->ofKind[size_t(LayerKind::Other)], 0.3);
}

TEST(Device, RefusesAnEfficiencyWithoutASource) {
  const Problems expected = {
      "d.yaml:5: the source of 'efficiency' is neither measured nor published"};
  EXPECT_EQ(problemsOf(withPeak + "efficiency:\n" + kinds), expected);
  EXPECT_EQ(problemsOf(withPeak + "efficiency:\n  source: guessed\n" + kinds),
            expected);
  EXPECT_EQ(problemsOf("name: d\nkind: cpu\nefficiency:\n"
                       "  source: measured\n" +
                       kinds),
            Problems{"d.yaml:1: the device has an 'efficiency', but no "
                     "'mac_per_s'"});
}

TEST(Device, RefusesAnEfficiencyThatIsNone) {
  const std::string head = withPeak + "efficiency:\n  source: measured\n";
  const Problems noKinds = {"d.yaml:4: 'efficiency' has a source and a figure "
                            "for each kind of layer"};
  EXPECT_EQ(problemsOf(withPeak + "efficiency: 0.5\n"), noKinds);
  EXPECT_EQ(problemsOf(withPeak + "efficiency: [1]\n"), noKinds);
  EXPECT_EQ(problemsOf(head + "  conv3x3: 17\n  conv1x1: 1\n"
                              "  depthwise: 1\n  dense: 1\n  other: 1\n"),
            Problems{"d.yaml:6: 'conv3x3' is more than 16 times the peak"});
  EXPECT_EQ(problemsOf(head + "  conv3x3: 1\n  conv1x1: 1\n"
                              "  depthwise: 1\n  dense: 1\n  conv5x5: 1\n"),
            (Problems{"d.yaml:10: unknown key 'conv5x5' in 'efficiency'",
                      "d.yaml:5: 'efficiency' has no 'other'"}));
  EXPECT_EQ(problemsOf(head + "  conv3x3: -1\n  conv1x1: 1\n"
                              "  depthwise: 1\n  dense: 1\n  other: 1\n"),
            Problems{"d.yaml:6: 'conv3x3' is not a positive number"});
}

TEST(Device, IsDescribedByWhatIsKnown) {
  Device device;
  device.name = "d";
  EXPECT_EQ(describeDevice(device), "d");
  device.description = "D 1";
  device.cores = 1;
  device.l1dBytes = 32768;
  device.memoryBandwidthBytesPerSecond = 5.56e9;
  EXPECT_EQ(describeDevice(device), "D 1: 1 core, 32 KiB L1, 5.56 GB/s");
}

TEST(Device, BadFilesAreOneLineAProblem) {
  EXPECT_EQ(problemsOf("name: d\nkind: cpu\nmac_per_s: fast\n"),
            Problems{"d.yaml:3: 'mac_per_s' is not a positive number"});
  EXPECT_EQ(problemsOf("name: d\nkind: cpu\ncores: 1.5\n"),
            Problems{"d.yaml:3: 'cores' is not a whole number"});
  EXPECT_EQ(problemsOf("name: d\nkind: cpu\ncores: 5000\n"),
            Problems{"d.yaml:3: more than 4096 cores"});
  EXPECT_EQ(problemsOf("name: d\nkind: cpu\nfmas_per_cycle: 65\n"),
            Problems{"d.yaml:3: 'fmas_per_cycle' is more than 64"});
  EXPECT_EQ(problemsOf("name: d\nkind: cpu\nmemory: 1\n"),
            Problems{"d.yaml:3: unknown key 'memory'"});
  EXPECT_EQ(
      problemsOf("name: d\nkind: cpu\nlink: wifi\n"),
      Problems{"d.yaml:3: 'link' has bandwidth_bits_per_s and latency_s"});
  EXPECT_EQ(problemsOf("name: d\nkind: cpu\nlink:\n  speed: 1\n"),
            Problems{"d.yaml:4: unknown key 'speed' in 'link'"});
  EXPECT_EQ(problemsOf("name: d\nkind: cpu\nlink:\n  shared: maybe\n"),
            Problems{"d.yaml:4: 'shared' is true or false"});
  EXPECT_EQ(problemsOf("name: d\nname: e\nkind: cpu\n"),
            Problems{"d.yaml:2: 'name' is given twice"});
  EXPECT_EQ(problemsOf("name: d\n"),
            Problems{"d.yaml:1: the device has no 'kind'"});
  EXPECT_EQ(problemsOf("- a\n"),
            Problems{"d.yaml:1: expected 'key: value' lines"});
  EXPECT_EQ(problemsOf("").size(), 1u);
  EXPECT_EQ(problemsOf("name: [\n").size(), 1u);
  EXPECT_EQ(problemsOf("name: d\nkind: cpu\nmac_per_s: -1\nl2_bytes: 1e99\n"),
            (Problems{"d.yaml:3: 'mac_per_s' is not a positive number",
                      "d.yaml:4: 'l2_bytes' is not a positive number"}));
}

TEST(Device, UnknownNameListsTheKnown) {
  Problems problems;
  EXPECT_FALSE(findDevice("rpi9", deviceFolder(), problems));
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_EQ(problems[0].rfind("unknown device 'rpi9'; known: ", 0), 0u);
  for (const std::string &name : listDevices(deviceFolder()))
    EXPECT_NE(problems[0].find(name), std::string::npos) << problems[0];
  problems.clear();
  EXPECT_FALSE(findDevice("../devices/rpi3", deviceFolder(), problems));
  EXPECT_EQ(problems.size(), 1u);
}

// Every shipped file reads, and every figure in it says where it is from.
TEST(Device, ShippedFilesReadAndCiteTheirSources) {
  std::vector<std::string> names = listDevices(deviceFolder());
  ASSERT_GE(names.size(), 6u);
  for (const std::string &name : names) {
    Problems problems;
    EXPECT_TRUE(findDevice(name, deviceFolder(), problems))
        << (problems.empty() ? "" : problems[0]);
    std::ifstream file(deviceFolder() + "/" + name + ".yaml");
    for (std::string line; std::getline(file, line);) {
      size_t colon = line.find(": ");
      bool figure = line[0] != '#' && colon != std::string::npos &&
                    line.find_first_of("0123456789", colon) == colon + 2;
      EXPECT_TRUE(!figure || line.find(" # ") != std::string::npos)
          << name << ": " << line;
    }
  }
}

} // namespace
