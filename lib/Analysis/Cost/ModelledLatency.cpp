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
                             2 * branch.roundTrips)};
}

std::string mlir::lcp::describeTime(BranchTime time) {
  auto ms = [](std::optional<double> seconds) -> std::string {
    return seconds ? llvm::formatv("{0:F2}", 1e3 * *seconds).str() : "unknown";
  };
  return ms(time.compute) + " + " + ms(time.link);
}

static std::optional<double> linkSeconds(const ::lcp::Device &device,
                                         const ::lcp::LinkLoads::Stage &load) {
  return ::lcp::linkSeconds(
      device, int64_t(device.linkIsShared ? load.all : load.busiest),
      load.waits);
}

std::optional<double> mlir::lcp::networkSeconds(const ::lcp::Device &device,
                                                const ::lcp::LinkLoads &links) {
  return linkSeconds(device, links.sum());
}

/// Of the slowest branch.
static double computeSeconds(const ::lcp::Device &device,
                             ArrayRef<::lcp::MacsByKind> branches) {
  double slowest = 0;
  for (const ::lcp::MacsByKind &macs : branches)
    slowest = std::max(slowest, *::lcp::computeSeconds(device, macs));
  return slowest;
}

std::vector<double>
mlir::lcp::modelStages(const ::lcp::Device &device,
                       ArrayRef<std::vector<::lcp::MacsByKind>> stageMacs,
                       const ::lcp::LinkLoads &links) {
  if (!device.macPerSecond || !device.linkBitsPerSecond)
    return {};
  std::vector<double> seconds;
  for (auto [branches, load] : llvm::zip_equal(stageMacs, links.stages))
    seconds.push_back(computeSeconds(device, branches) +
                      *linkSeconds(device, load));
  return seconds;
}

::lcp::WireConditions
mlir::lcp::modelConditions(const std::optional<::lcp::Device> &device,
                           const NetworkFootprint &network) {
  if (!device)
    return {};
  return {modelStages(*device, network.stageMacs, network.links),
          device->linkBitsPerSecond};
}

ModelledLatency mlir::lcp::modelLatency(const ::lcp::Device &device,
                                        const Deployment &row) {
  int64_t memory =
      std::max(row.perDevice.memoryBytes(), row.coordinator.memoryBytes());
  double compute = *::lcp::computeSeconds(device, row.coordinator.macs);
  for (const auto &branches : row.stageMacs)
    compute += computeSeconds(device, branches);
  return {compute, *networkSeconds(device, row.links),
          !device.memoryBytes || uint64_t(memory) <= device.memoryBytes};
}

llvm::json::Object mlir::lcp::toJSON(const ModelledLatency &latency) {
  return llvm::json::Object{{"compute_ms", 1e3 * latency.computeSeconds},
                            {"link_ms", 1e3 * latency.linkSeconds},
                            {"fits_memory", latency.fitsMemory}};
}
