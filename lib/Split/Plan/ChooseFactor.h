//===- ChooseFactor.h - How far to divide ----------------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_LIB_SPLIT_PLAN_CHOOSEFACTOR_H
#define LCP_LIB_SPLIT_PLAN_CHOOSEFACTOR_H

#include "LoadBalance.h"
#include "lcp/Analysis/Cost/BranchDevices.h"

namespace mlir::lcp {

/// The method's Procedure 1 (docs/rationale/procedure-1.md): the fewest
/// branches with which each fits the memory of its device and computes there,
/// as modelled, for no longer than `latencyMs`. Of any number of equal devices,
/// a power of two; of a list, as many as it takes, in order, the widths as
/// balanceLoad has them. Fills in the factor and the shares of `request`, which
/// says how to divide. A remark gives the figures. Reports a network that no
/// number of devices makes fit.
LogicalResult chooseFactor(ModuleOp module, SplitRequest &request,
                           const BranchDevices &devices, double latencyMs);

/// Fills in the shares for `request.factor` branches on the first of `devices`;
/// 0: on all of them. A remark gives them, and the modelled times. Reports too
/// few or too many devices, and memory that no shares fit.
LogicalResult chooseShares(ModuleOp module, SplitRequest &request,
                           const BranchDevices &devices);

} // namespace mlir::lcp

#endif // LCP_LIB_SPLIT_PLAN_CHOOSEFACTOR_H
