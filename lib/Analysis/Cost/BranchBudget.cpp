//===- BranchBudget.cpp - What a branch may take of its device ------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lcp/Analysis/Cost/BranchBudget.h"
#include "common/devices/ModelledTime.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace mlir::lcp;

double BranchBudget::loadOf(const DeviceFootprint &branch) const {
  double load = double(branch.memoryBytes()) / device.memoryBytes;
  if (!seconds)
    return load;
  return std::max(load, *::lcp::computeSeconds(device, branch.macs) / *seconds);
}

std::string BranchBudget::compare(const DeviceFootprint &branch) const {
  std::string text =
      llvm::formatv("{0:F1} MB of {1:F1} MB", branch.memoryBytes() / 1e6,
                    device.memoryBytes / 1e6);
  if (seconds)
    text += llvm::formatv(" and {0:F3} of {1:F3} ms (efficiency: {2})",
                          1e3 * *::lcp::computeSeconds(device, branch.macs),
                          1e3 * *seconds, ::lcp::efficiencySource(device));
  return text;
}
