//===- WritePlan.h - A sharding as an attribute -----------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_LIB_SPLIT_PLAN_WRITEPLAN_H
#define LCP_LIB_SPLIT_PLAN_WRITEPLAN_H

#include "lcp/Split/Sharding/Propagation.h"

namespace mlir::lcp {

/// For each layer that was given other channels before it was divided, the old
/// ones; empty for all others.
using OldChannels = function_ref<ArrayRef<int64_t>(Operation *layer)>;

/// The plan of a division of `func`: no joins, no devices, features merged by
/// concatenation.
PlanAttr writePlan(func::FuncOp func, const Sharding &sharding,
                   OldChannels oldChannels);
/// The same of a network that was not resized.
PlanAttr writePlan(func::FuncOp func, const Sharding &sharding);

} // namespace mlir::lcp

#endif // LCP_LIB_SPLIT_PLAN_WRITEPLAN_H
