//===- BranchBudget.cpp - What a branch may take of its device ------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lcp/Analysis/Cost/BranchBudget.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace mlir::lcp;

double BranchBudget::loadOf(const DeviceFootprint &branch) const {
  double load = double(branch.memoryBytes()) / device.memoryBytes;
  return macs ? std::max(load, double(branch.macs) / *macs) : load;
}

std::string BranchBudget::compare(const DeviceFootprint &branch) const {
  std::string text =
      llvm::formatv("{0:F1} MB of {1:F1} MB", branch.memoryBytes() / 1e6,
                    device.memoryBytes / 1e6);
  if (macs)
    text += llvm::formatv(" and {0} of {1} multiply-accumulates", branch.macs,
                          *macs);
  return text;
}
