//===- BranchBudget.h - What a branch may take of its device ---*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_ANALYSIS_COST_BRANCHBUDGET_H
#define LCP_ANALYSIS_COST_BRANCHBUDGET_H

#include "common/devices/Device.h"
#include "lcp/Analysis/Cost/Footprint.h"

namespace mlir::lcp {

/// The memory of a device, and the time that it may compute for; absent: any.
struct BranchBudget {
  ::lcp::Device device;
  std::optional<double> seconds;

  /// What a branch needs over what there is, of the scarcer: 1 is just enough.
  double loadOf(const DeviceFootprint &branch) const;
  /// "11.3 MB of 1024.0 MB and 1.531 of 2.000 ms (efficiency: published)".
  std::string compare(const DeviceFootprint &branch) const;
};

} // namespace mlir::lcp

#endif // LCP_ANALYSIS_COST_BRANCHBUDGET_H
