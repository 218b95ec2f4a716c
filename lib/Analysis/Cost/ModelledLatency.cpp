//===- ModelledLatency.cpp - Times by the files of devices ----------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lcp/Analysis/Cost/ModelledLatency.h"
#include "common/devices/ModelledTime.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace mlir::lcp;

BranchTime mlir::lcp::modelTime(const ::lcp::Device &device,
                                const DeviceFootprint &branch) {
  return {::lcp::computeSeconds(device, branch.macs),
          ::lcp::linkSeconds(device, branch.bytesIn + branch.bytesOut,
                             branch.roundTrips)};
}

std::string mlir::lcp::describeTime(BranchTime time) {
  auto ms = [](std::optional<double> seconds) -> std::string {
    return seconds ? llvm::formatv("{0:F2}", 1e3 * *seconds).str() : "unknown";
  };
  return ms(time.compute) + " + " + ms(time.link);
}

ModelledLatency mlir::lcp::modelLatency(const ::lcp::Device &device,
                                        const Deployment &row) {
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
