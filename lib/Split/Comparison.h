//===- Comparison.h - Ways to use several devices --------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The method's Table I: what each way to divide a network asks of the devices.
//
//===----------------------------------------------------------------------===//

#ifndef LCP_LIB_SPLIT_COMPARISON_H
#define LCP_LIB_SPLIT_COMPARISON_H

#include "lcp/Split/Footprint.h"

namespace mlir::lcp {

/// One line of the table: what a way to use `devices` devices asks of each of
/// them.
struct ComparisonRow {
  std::string name;
  unsigned devices;
  DeviceFootprint perDevice;
  /// On the coordinator, beside the devices: the classifier, most often.
  DeviceFootprint coordinator;
  unsigned roundTrips;
  /// Multiply-accumulates that one inference does one after the other: of each
  /// stage's busiest device, and of the coordinator.
  int64_t criticalPathMacs;
  /// What the coordinator's one link carries, both ways, beside the network's
  /// own input and result.
  int64_t linkBytes;
};

/// Of a network as it stands, on the device of each branch and a coordinator;
/// a whole one on one device.
ComparisonRow rowOnDevices(StringRef name, const NetworkFootprint &network);
/// Of figures that one device has to itself: nothing crosses the network but
/// input and result. `devices` of them take turns.
ComparisonRow rowOnOneDevice(StringRef name, const DeviceFootprint &figures,
                             unsigned devices = 1);

/// The whole network of `module` on one device, on `factor` devices that take
/// turns (data parallel), as a pipeline of as many stages (or layers, where
/// those are fewer), in its model-parallel form, in that with column and row
/// layers in pairs, as a tree that keeps the first half of the joins (rounded
/// up), as grouped convolutions with shuffled channels, divided into branches
/// on as many devices, all of those on one device, and the largest of them
/// alone. `merge` as for lcp-split. Leaves the module as it is; reports what
/// cannot be divided.
FailureOr<std::vector<ComparisonRow>> compareNetwork(ModuleOp module,
                                                     int64_t factor,
                                                     StringRef merge,
                                                     StringRef classifier);

llvm::json::Object toJSON(const ComparisonRow &row);

} // namespace mlir::lcp

#endif // LCP_LIB_SPLIT_COMPARISON_H
