//===- ModelledLatency.h - One inference's time, by a file -----*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A bound, not a prediction; see lcp/Devices/ModelledTime.h.
//
//===----------------------------------------------------------------------===//

#ifndef LCP_LIB_SPLIT_MODELLEDLATENCY_H
#define LCP_LIB_SPLIT_MODELLEDLATENCY_H

#include "Comparison.h"
#include "lcp/Devices/Device.h"

namespace mlir::lcp {

/// The device named `name`, whose file says all that a latency is modelled by.
/// Reports at `op` an unknown one, and one without mac_per_s or a link.
FailureOr<::lcp::Device> findModelledDevice(Operation *op, StringRef name);

/// One inference on devices of one kind, the coordinator among them.
struct ModelledLatency {
  /// The critical path at the device's peak; the coordinator's link.
  double computeSeconds, linkSeconds;
  /// Whether every device's parameters and activations fit its memory; true
  /// when its file does not say how much it has.
  bool fitsMemory;
};

/// Of a device that findModelledDevice gave.
ModelledLatency modelLatency(const ::lcp::Device &device,
                             const ComparisonRow &row);

/// As report.json has it: compute_ms, link_ms; and fits_memory.
llvm::json::Object toJSON(const ModelledLatency &latency);

} // namespace mlir::lcp

#endif // LCP_LIB_SPLIT_MODELLEDLATENCY_H
