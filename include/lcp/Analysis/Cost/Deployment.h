//===- Deployment.h - What a way to use devices asks of them ----*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_ANALYSIS_COST_DEPLOYMENT_H
#define LCP_ANALYSIS_COST_DEPLOYMENT_H

#include "lcp/Analysis/Cost/Footprint.h"

namespace mlir::lcp {

/// A network on a number of like devices: a line of the method's Table I.
struct Deployment {
  std::string name;
  unsigned devices;
  DeviceFootprint perDevice;
  /// On the coordinator, beside the devices: the classifier, most often.
  DeviceFootprint coordinator;
  unsigned roundTrips;
  /// What each device multiplies in each stage, one stage after the other.
  std::vector<std::vector<::lcp::MacsByKind>> stageMacs;
  /// What links carry beside the network's own input and result.
  ::lcp::LinkLoads links;
};

/// A network as it stands, on the device of each branch and a coordinator; a
/// whole one on one device.
Deployment deployOnDevices(StringRef name, const NetworkFootprint &network);
/// Figures that one device has to itself: nothing crosses the network but input
/// and result. `devices` of them take turns.
Deployment deployOnOneDevice(StringRef name, const DeviceFootprint &figures,
                             unsigned devices = 1);

llvm::json::Object toJSON(const Deployment &deployment);

} // namespace mlir::lcp

#endif // LCP_ANALYSIS_COST_DEPLOYMENT_H
