//===- Deployment.cpp - What a way to use devices asks of them ------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lcp/Analysis/Cost/Deployment.h"

using namespace mlir;
using namespace mlir::lcp;

Deployment mlir::lcp::deployOnDevices(StringRef name,
                                      const NetworkFootprint &network) {
  if (network.devices.empty())
    return deployOnOneDevice(name, network.outside);
  return {name.str(),
          unsigned(network.devices.size()),
          network.worstDevice(),
          network.outside,
          network.roundTrips,
          network.stageMacs,
          network.links};
}

Deployment mlir::lcp::deployOnOneDevice(StringRef name,
                                        const DeviceFootprint &figures,
                                        unsigned devices) {
  return {name.str(), devices, figures, {}, 1, {{figures.macs}}, {}};
}

llvm::json::Object mlir::lcp::toJSON(const Deployment &deployment) {
  return llvm::json::Object{{"name", deployment.name},
                            {"devices", deployment.devices},
                            {"per_device", toJSON(deployment.perDevice)},
                            {"coordinator", toJSON(deployment.coordinator)},
                            {"round_trips", deployment.roundTrips}};
}
