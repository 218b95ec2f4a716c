//===- Device.h - What is known of a device ---------------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One file a device, targets/devices/NAME.yaml, each figure with its source in
// a comment.
//
//===----------------------------------------------------------------------===//

#ifndef LCP_COMMON_DEVICES_DEVICE_H
#define LCP_COMMON_DEVICES_DEVICE_H

#include "common/devices/LayerKind.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace lcp {

/// The part of a device's mac_per_s that layers reach.
struct Efficiency {
  /// "measured" on such a device, or "published": from what somebody else
  /// measured there, with an engine of their own.
  std::string source;
  /// In the order of LayerKind; above 1 where an algorithm saves
  /// multiplications.
  std::array<double, layerKindNames.size()> ofKind{};
};

/// Figures that the file leaves out are 0, or nothing: not known.
struct Device {
  std::string name;
  /// What it is called, for people: "Raspberry Pi 4B".
  std::string description;
  /// The target that compiles for it: cpu or gemm.
  std::string kind;
  /// LLVM's triple and CPU name, e.g. aarch64-linux-gnu and cortex-a53;
  /// "native" is this machine's CPU.
  std::string triple, cpu;
  /// LLVM's target features, e.g. "+neon,+fp-armv8"; may be empty.
  std::string features;
  uint32_t cores = 0;
  /// Vector multiply-adds and loads that one core begins in a cycle, and cycles
  /// from a multiply-add to one that needs its result.
  std::optional<uint32_t> fmasPerCycle, loadsPerCycle, fmaLatencyCycles;
  /// Bytes of one core's first-level data cache, and of the second level that
  /// one core can fill.
  uint64_t l1dBytes = 0, l2Bytes = 0;
  uint64_t memoryBytes = 0;
  double memoryBandwidthBytesPerSecond = 0;
  /// fp32 multiply-accumulates (int8 ones for gemm) of all cores together.
  double macPerSecond = 0;
  std::optional<Efficiency> efficiency;
  /// Of the whole board while it computes.
  double powerWatts = 0;
  /// Its link to the others: what a payload sees, one way.
  double linkBitsPerSecond = 0, linkLatencySeconds = 0;
  /// All devices share it, as a radio channel; else each has a cable.
  bool linkIsShared = false;
};

/// One line for people, of every figure that is known:
/// "Raspberry Pi 4B: 4 cores, 32 KiB L1, 1024 KiB L2, 4096 MiB, 5.56 GB/s".
std::string describeDevice(const Device &device);

/// The text of a device file; `path` is for messages. On failure returns
/// nothing and adds one line a problem, "PATH:LINE: what is wrong".
std::optional<Device> parseDevice(const std::string &text,
                                  const std::string &path,
                                  std::vector<std::string> &problems);

/// Reads NAME.yaml from `folder`. An unknown name is one problem that lists the
/// known ones.
std::optional<Device> findDevice(const std::string &name,
                                 const std::string &folder,
                                 std::vector<std::string> &problems);

/// Where the device files are: share/lcp/devices beside the folder of the
/// running program if that is there, else the source tree it was built from.
std::string deviceFolder();

/// The names of the files in `folder`, sorted.
std::vector<std::string> listDevices(const std::string &folder);

/// "unknown device 'rpi33'; known: host, rpi3".
std::string describeUnknownDevice(const std::string &name,
                                  const std::vector<std::string> &known);

} // namespace lcp

#endif // LCP_COMMON_DEVICES_DEVICE_H
