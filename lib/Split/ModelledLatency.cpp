//===- ModelledLatency.cpp - One inference's time, by a device's file -----===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ModelledLatency.h"
#include "lcp/Devices/ModelledTime.h"

using namespace mlir;
using namespace mlir::lcp;

FailureOr<::lcp::Device> mlir::lcp::findModelledDevice(Operation *op,
                                                       StringRef name) {
  std::vector<std::string> problems;
  std::optional<::lcp::Device> device =
      ::lcp::findDevice(name.str(), ::lcp::deviceFolder(), problems);
  for (const std::string &problem : problems)
    op->emitError(problem);
  if (!device)
    return failure();
  if (device->macPerSecond == 0 || device->linkBitsPerSecond == 0)
    return op->emitError() << "latency on '" << name
                           << "' cannot be modelled: its file has no "
                           << (device->macPerSecond == 0 ? "mac_per_s"
                                                         : "link");
  return *device;
}

ModelledLatency mlir::lcp::modelLatency(const ::lcp::Device &device,
                                        const ComparisonRow &row) {
  unsigned trips = row.linkBytes ? row.roundTrips : 0;
  int64_t memory =
      std::max(row.perDevice.memoryBytes(), row.coordinator.memoryBytes());
  return {*::lcp::computeSeconds(device, row.criticalPathMacs),
          *::lcp::linkSeconds(device, row.linkBytes, trips),
          !device.memoryBytes || uint64_t(memory) <= device.memoryBytes};
}

llvm::json::Object mlir::lcp::toJSON(const ModelledLatency &latency) {
  return llvm::json::Object{{"compute_ms", 1e3 * latency.computeSeconds},
                            {"link_ms", 1e3 * latency.linkSeconds},
                            {"fits_memory", latency.fitsMemory}};
}
