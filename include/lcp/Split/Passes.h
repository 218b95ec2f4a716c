//===- Passes.h - Dividing a network into branches -------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_SPLIT_PASSES_H
#define LCP_SPLIT_PASSES_H

#include "lcp/Dialect/LCP/IR/LCPDialect.h"
#include "mlir/Pass/Pass.h"

namespace mlir::lcp {

#define GEN_PASS_DECL
#include "lcp/Split/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "lcp/Split/Passes.h.inc"

/// Registers lcp-split: lcp-canonicalize-shapes, lcp-split-widths, then
/// lcp-remove-nonbranch-connections. Its option string is a bare factor or
/// `factor=4 merge=auto ...`, options of the two passes.
void registerSplitPipeline();

} // namespace mlir::lcp

#endif // LCP_SPLIT_PASSES_H
