//===- SplitOptions.h - How a module says it was split ---------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_DIALECT_LCP_IR_SPLITOPTIONS_H
#define LCP_DIALECT_LCP_IR_SPLITOPTIONS_H

#include "llvm/ADT/StringRef.h"

namespace mlir::lcp {
/// Of the module: the options that divided it, as lcp-split takes them, those
/// at their defaults left out. For readers; nothing is decided by it.
inline constexpr llvm::StringLiteral kSplitOptionsAttr = "lcp.split_options";
} // namespace mlir::lcp

#endif // LCP_DIALECT_LCP_IR_SPLITOPTIONS_H
