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

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace lcp {

/// Figures that the file leaves out are 0: not known.
struct Device {
  std::string name;
  /// The target that compiles for it: cpu or gemm.
  std::string kind;
  /// LLVM's triple and CPU name, e.g. aarch64-linux-gnu and cortex-a53;
  /// "native" is this machine's CPU.
  std::string triple, cpu;
  /// LLVM's target features, e.g. "+neon,+fp-armv8"; may be empty.
  std::string features;
  uint32_t cores = 1;
  /// Bytes of one core's first-level data cache, and of the second level that
  /// one core can fill.
  uint64_t l1dBytes = 0, l2Bytes = 0;
  uint64_t memoryBytes = 0;
  double memoryBandwidthBytesPerSecond = 0;
  /// fp32 multiply-accumulates (int8 ones for gemm) of all cores together.
  double macPerSecond = 0;
  /// Of the whole board while it computes.
  double powerWatts = 0;
  /// Its link to the others: what a payload sees, one way.
  double linkBitsPerSecond = 0, linkLatencySeconds = 0;
};

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
