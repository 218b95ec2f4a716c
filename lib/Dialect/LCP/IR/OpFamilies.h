//===- OpFamilies.h - What ops of one kind have in common ------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Called by methods that the classes of ops in .td files define: pools, and
// elementwise ops of two operands.
//
//===----------------------------------------------------------------------===//

#ifndef LCP_LIB_DIALECT_LCP_IR_OPFAMILIES_H
#define LCP_LIB_DIALECT_LCP_IR_OPFAMILIES_H

#include "lcp/Dialect/LCP/IR/LCPInterfaces.h"

namespace mlir::lcp {

/// A window that slides over the last two dimensions of an NCHW tensor.
struct Window {
  ArrayRef<int64_t> kernel, strides, pads, dilations;

  /// Rows (i = 0) or columns (i = 1) from the first position to the last.
  int64_t extent(unsigned i) const {
    return (kernel[i] - 1) * dilations[i] + 1;
  }
  /// Height (i = 0) or width (i = 1) of the result; 0 if none fits.
  int64_t outputSize(int64_t size, unsigned i) const {
    int64_t padded = size + pads[i] + pads[i + 2];
    return padded < extent(i) ? 0 : (padded - extent(i)) / strides[i] + 1;
  }
};

/// The type of a pool's result, or a message by the constraints (C1) to (C4) of
/// `lcp.max_pool2d`. With `accumulates` that of `i8` is `i32`.
LogicalResult inferPool(std::optional<Location> loc, StringRef name,
                        Value image, const Window &window, bool accumulates,
                        SmallVectorImpl<Type> &result);

/// The type that two operands broadcast to, or a message by (C1) of `lcp.add`.
LogicalResult inferBroadcast(std::optional<Location> loc, StringRef name,
                             Value lhs, Value rhs,
                             SmallVectorImpl<Type> &result);

// ChannelOpInterface's methods.
llvm::Expected<ChannelSlice>
followImage(ArrayRef<std::optional<ChannelSlice>> operands);
llvm::Expected<ChannelSlice>
followBroadcast(Operation *op, ArrayRef<std::optional<ChannelSlice>> operands);
SmallVector<ChannelSlice>
sliceBroadcast(Operation *op, unsigned operand,
               const std::optional<ChannelSlice> &result);

} // namespace mlir::lcp

#endif // LCP_LIB_DIALECT_LCP_IR_OPFAMILIES_H
