//===- LCPDialect.h - The lcp dialect ------------------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_DIALECT_LCP_IR_LCPDIALECT_H
#define LCP_DIALECT_LCP_IR_LCPDIALECT_H

#include "mlir/IR/Dialect.h"

#include "lcp/Dialect/LCP/IR/LCPDialect.h.inc"

namespace mlir::lcp {
/// Attribute names that cross folders (docs/Architecture.md).
inline constexpr llvm::StringLiteral kNameAttr = "lcp.name";
inline constexpr llvm::StringLiteral kModelNameAttr = "lcp.model_name";
inline constexpr llvm::StringLiteral kSplitAttr = "lcp.split";
inline constexpr llvm::StringLiteral kTrainedAfterSplitAttr =
    "lcp.trained_after_split";
} // namespace mlir::lcp

#endif // LCP_DIALECT_LCP_IR_LCPDIALECT_H
