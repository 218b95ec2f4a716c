//===- ModelledLatency.h - Times by the files of devices -------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Modelled as common/devices/ModelledTime.h has it, not measured.
//
//===----------------------------------------------------------------------===//

#ifndef LCP_ANALYSIS_COST_MODELLEDLATENCY_H
#define LCP_ANALYSIS_COST_MODELLEDLATENCY_H

#include "common/devices/Device.h"
#include "common/traffic/WireBytes.h"
#include "lcp/Analysis/Cost/Deployment.h"

namespace mlir::lcp {

/// Seconds of a branch by itself: on its device, and on that device's link;
/// nothing for what the device's file does not say.
struct BranchTime {
  std::optional<double> compute, link;

  double sum() const { return compute.value_or(0) + link.value_or(0); }
};

BranchTime modelTime(const ::lcp::Device &device,
                     const DeviceFootprint &branch);

/// In ms: "28.31 + 5.44".
std::string describeTime(BranchTime time);

/// One inference on devices of one kind, the coordinator among them.
struct ModelledLatency {
  /// The critical path, on the device; of each stage the busiest link, or,
  /// where the device's file says that all share one, that link.
  double computeSeconds, linkSeconds;
  /// Whether every device's parameters and activations fit its memory; true
  /// when its file does not say how much it has.
  bool fitsMemory;
};

/// Of each stage, on devices of one kind: the slowest branch and what links
/// carry. Empty if the device's file has no mac_per_s or no link.
std::vector<double>
modelStages(const ::lcp::Device &device,
            ArrayRef<std::vector<::lcp::MacsByKind>> stageMacs,
            const ::lcp::LinkLoads &links);

/// Under which one inference of the network goes over the wire: on devices of
/// that kind, or on ones that nothing is known of.
::lcp::WireConditions
modelConditions(const std::optional<::lcp::Device> &device,
                const NetworkFootprint &network);

/// What an inference waits for links like that device's: of each stage the
/// busiest, or, where the device's file says that all share one, that link.
/// Nothing if the file has no link.
std::optional<double> networkSeconds(const ::lcp::Device &device,
                                     const ::lcp::LinkLoads &links);

/// Of a device whose file has mac_per_s and a link (checkFigures).
ModelledLatency modelLatency(const ::lcp::Device &device,
                             const Deployment &row);

/// As report.json has it: compute_ms, link_ms; and fits_memory.
llvm::json::Object toJSON(const ModelledLatency &latency);

} // namespace mlir::lcp

#endif // LCP_ANALYSIS_COST_MODELLEDLATENCY_H
