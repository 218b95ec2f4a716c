//===- ExtractShard.h - Ops with some of their channels ---------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_SPLIT_SHARDING_EXTRACTSHARD_H
#define LCP_SPLIT_SHARDING_EXTRACTSHARD_H

#include "lcp/Dialect/LCP/IR/LCPOps.h"

namespace mlir::lcp {

/// A value as a branch has it, and which part of the original it is; without a
/// part, all of it.
struct BranchValue {
  Value value;
  std::optional<ChannelSlice> part;
};

/// The part of its result that `op` can compute from `operands`; none: all.
/// An error, with the reason, when they do not fit
/// (docs/rationale/splitting.md).
llvm::Expected<std::optional<ChannelSlice>>
followOp(Operation *op, ArrayRef<BranchValue> operands);

/// A constant that holds the given parts (at most one an axis) of `constant`:
/// rows in one run are a view of the same blob, anything else is copied.
/// `suffix` ends the name of a new blob.
ConstantOp sliceConstant(OpBuilder &builder, ConstantOp constant,
                         ArrayRef<ChannelSlice> slices, StringRef suffix);

/// The positions `slice` of `value`.
Value sliceValue(OpBuilder &builder, Location loc, Value value,
                 const ChannelSlice &slice);

/// A copy of `op` that computes the part `result` of its result (absent: all).
/// `operands` stand for its operands in order; those of constants are ignored,
/// the constants are sliced as the op needs them, and so are whole operands.
/// With fewer of them, the copy has no bias.
Value narrowOp(OpBuilder &builder, Operation *op,
               ArrayRef<BranchValue> operands,
               const std::optional<ChannelSlice> &result, StringRef suffix);

} // namespace mlir::lcp

#endif // LCP_SPLIT_SHARDING_EXTRACTSHARD_H
