//===- ApplyWidths.h - The form that a plan of widths describes -*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_SPLIT_TRANSFORMS_APPLYWIDTHS_H
#define LCP_SPLIT_TRANSFORMS_APPLYWIDTHS_H

#include "lcp/Split/Sharding/Propagation.h"

namespace mlir::lcp {

/// Turns `func` into the form that a plan of it describes, stage by stage: the
/// same function, in lcp.parallel and lcp.merge.
void applyWidths(func::FuncOp func, const WidthPlan &plan);

} // namespace mlir::lcp

#endif // LCP_SPLIT_TRANSFORMS_APPLYWIDTHS_H
