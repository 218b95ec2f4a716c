//===- ResizeConstant.h - Constants of another width -----------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_SPLIT_SHARDING_RESIZECONSTANT_H
#define LCP_SPLIT_SHARDING_RESIZECONSTANT_H

#include "lcp/Split/Sharding/ResizeShards.h"

namespace mlir::lcp {

/// A copy, before `constant`, which holds f32, with other positions on the axes
/// that have a map in `maps` (one an axis, null: as it is). `fill` gives the
/// new elements in row-major order, by the last axis on which each is new.
ConstantOp resizeConstant(ConstantOp constant,
                          ArrayRef<const ChannelMap *> maps,
                          llvm::function_ref<float(int64_t axis)> fill);

} // namespace mlir::lcp

#endif // LCP_SPLIT_SHARDING_RESIZECONSTANT_H
