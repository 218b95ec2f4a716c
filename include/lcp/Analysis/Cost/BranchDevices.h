//===- BranchDevices.h - What the branches run on --------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_ANALYSIS_COST_BRANCHDEVICES_H
#define LCP_ANALYSIS_COST_BRANCHDEVICES_H

#include "common/devices/Device.h"
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

/// One a name, from targets/devices. Reports, at `op`, unknown names and what
/// is wrong with a device's file.
FailureOr<std::vector<::lcp::Device>> findDevices(Operation *op,
                                                  ArrayRef<std::string> names);

/// Reads device=NAME, device=NAME,NAME,... or cluster=FILE; exactly one of them
/// is not empty. They keep their efficiencies only if all of them have one.
/// Branch numbers in a cluster file say which worker is which
/// branch's; the others follow in the order of the file. Reports, at `op`,
/// unknown devices, what is wrong with the file, and workers without a device
/// or with several branches.
FailureOr<BranchDevices> readBranchDevices(Operation *op, StringRef device,
                                           StringRef cluster);

/// Reports devices whose files do not say how fast they are, nor, as they are
/// needed, their memory and their link: "`refusal` for the device 'host': its
/// file has no mac_per_s".
LogicalResult checkFigures(Operation *op, ArrayRef<::lcp::Device> devices,
                           bool memory, bool link, StringRef refusal);

} // namespace mlir::lcp

#endif // LCP_ANALYSIS_COST_BRANCHDEVICES_H
