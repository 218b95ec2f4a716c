//===- BranchDevices.h - What the branches run on --------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_LIB_SPLIT_BRANCHDEVICES_H
#define LCP_LIB_SPLIT_BRANCHDEVICES_H

#include "lcp/Devices/Device.h"
#include "lcp/Split/Footprint.h"
#include "mlir/IR/Operation.h"

namespace mlir::lcp {

/// What the options device= and cluster= say; a branch runs on the device with
/// its number.
struct BranchDevices {
  /// At least one.
  std::vector<::lcp::Device> list;
  /// The names in device=, or the path of the cluster file.
  std::string source;
  bool fromCluster = false;
  /// One name in device=, which stands for any number of such devices.
  bool anyNumber = false;

  /// The first `count`; there must be as many, or any number.
  std::vector<::lcp::Device> first(size_t count) const;
};

/// Reads device=NAME, device=NAME,NAME,... or cluster=FILE; exactly one of them
/// is not empty. Branch numbers in a cluster file say which worker is which
/// branch's; the others follow in the order of the file. Reports, at `op`,
/// unknown devices, what is wrong with the file, workers without a device or
/// with several branches, and devices whose files lack a figure: memory, speed,
/// and, if they are several, the link.
FailureOr<BranchDevices> readBranchDevices(Operation *op, StringRef device,
                                           StringRef cluster);

/// What a branch may take of its device.
struct BranchBudget {
  ::lcp::Device device;
  int64_t macs;

  bool holds(const DeviceFootprint &branch) const;
  /// "11.3 MB of 1024.0 MB and 1500000 of 22400000 multiply-accumulates".
  std::string compare(const DeviceFootprint &branch) const;
};

/// Seconds, by the device's file: at its peak, and on its link; nothing for
/// what the file does not say.
struct BranchTime {
  std::optional<double> compute, link;

  double sum() const { return compute.value_or(0) + link.value_or(0); }
};

/// In ms: "28.31 + 5.44".
std::string describeTime(BranchTime time);

BranchTime modelTime(const ::lcp::Device &device,
                     const DeviceFootprint &branch);

} // namespace mlir::lcp

#endif // LCP_LIB_SPLIT_BRANCHDEVICES_H
