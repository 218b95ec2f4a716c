//===- SplitPasses.h - How a module says it was split -----------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_DIALECT_LCP_IR_SPLITPASSES_H
#define LCP_DIALECT_LCP_IR_SPLITPASSES_H

#include "llvm/ADT/StringRef.h"

namespace mlir::lcp {
/// Of the module, a string: the passes that divided it, in order, as MLIR
/// writes a pipeline, with the options that are not at their defaults:
/// "lcp-split-widths{factor=4},lcp-remove-nonbranch-connections". For readers;
/// nothing is decided by it.
inline constexpr llvm::StringLiteral kSplitPassesAttr = "lcp.split_passes";
} // namespace mlir::lcp

#endif // LCP_DIALECT_LCP_IR_SPLITPASSES_H
