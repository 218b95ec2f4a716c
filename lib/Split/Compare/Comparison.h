//===- Comparison.h - Ways to use several devices --------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The method's Table I: what each way to divide a network asks of the devices.
//
//===----------------------------------------------------------------------===//

#ifndef LCP_LIB_SPLIT_COMPARE_COMPARISON_H
#define LCP_LIB_SPLIT_COMPARE_COMPARISON_H

#include "lcp/Analysis/Cost/Deployment.h"
#include "lcp/Split/Plan/PlanOptions.h"

namespace mlir::lcp {

/// The whole network of `module` on one device, on `factor` devices that take
/// turns (data parallel), as a pipeline of as many stages (or layers, where
/// those are fewer), in its model-parallel form, in that with column and row
/// layers in pairs, as a tree that keeps the first half of the joins (rounded
/// up), as grouped convolutions with shuffled channels, divided into branches
/// on as many devices, all of those on one device, and the largest of them
/// alone. `merge` as for lcp-split. The first input goes in that form. Leaves
/// the module as it is; reports what cannot be divided.
FailureOr<std::vector<Deployment>>
compareNetwork(ModuleOp module, int64_t factor, MergeChoice merge,
               StringRef classifier, const ::lcp::InputForm &input);

} // namespace mlir::lcp

#endif // LCP_LIB_SPLIT_COMPARE_COMPARISON_H
