//===- Resize.h - Narrower and wider layers before a split -----*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_LIB_SPLIT_RESIZE_H
#define LCP_LIB_SPLIT_RESIZE_H

#include "Network.h"
#include "lcp/Split/Split.h"

namespace mlir::lcp {

/// Gives every layer but the classifier the width that `request` asks for, so
/// that spreading the new width over the branches gives each its old channels
/// first and its new ones after them (docs/rationale/rounding.md). Does nothing
/// for round=spread and fatten=0. Reports what cannot be resized.
LogicalResult resizeLayers(func::FuncOp func, const SplitRequest &request,
                           Operation *classifier);

} // namespace mlir::lcp

#endif // LCP_LIB_SPLIT_RESIZE_H
