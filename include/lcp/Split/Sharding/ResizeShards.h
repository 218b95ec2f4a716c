//===- ResizeShards.h - Narrower and wider layers before a split *- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_SPLIT_SHARDING_RESIZESHARDS_H
#define LCP_SPLIT_SHARDING_RESIZESHARDS_H

#include "lcp/Split/Sharding/Propagation.h"
#include "lcp/Split/Split.h"

namespace mlir::lcp {

/// Whether a request changes widths.
inline bool resizes(const SplitRequest &request) {
  return request.roundFloor || request.fattenPercent != 0;
}

/// Gives every layer but the classifier the width that `request` asks for, so
/// that spreading the new width over the branches gives each its old channels
/// first and its new ones after them (docs/rationale/rounding.md). Does nothing
/// for round=spread and fatten=0. A class that is in `divisions` is put in the
/// order of its parts. Reports what cannot be resized.
LogicalResult resizeLayers(func::FuncOp func, const SplitRequest &request,
                           Operation *classifier,
                           const ClassDivisions &divisions);

/// Leaves every layer but the classifier the first `share` of its channels, in
/// (0, 1], rounded to nearest and at least one. Reports what cannot be resized.
LogicalResult narrowLayers(func::FuncOp func, double share,
                           Operation *classifier);

} // namespace mlir::lcp

#endif // LCP_SPLIT_SHARDING_RESIZESHARDS_H
