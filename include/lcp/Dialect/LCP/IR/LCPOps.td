//===- LCPOps.td - Operations ------------------------------*- tablegen -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Constraints are numbered in each description and cited by number in the
// verifiers' messages, e.g. `(C2)`.
//
//===----------------------------------------------------------------------===//

#ifndef LCP_DIALECT_LCP_IR_LCPOPS_TD
#define LCP_DIALECT_LCP_IR_LCPOPS_TD

// One file a kind of op. The order is that of the reference's pages.
include "lcp/Dialect/LCP/IR/LCPConstant.td"
include "lcp/Dialect/LCP/IR/LCPLayers.td"
include "lcp/Dialect/LCP/IR/LCPElementwise.td"
include "lcp/Dialect/LCP/IR/LCPWindows.td"
include "lcp/Dialect/LCP/IR/LCPShape.td"
include "lcp/Dialect/LCP/IR/LCPInteger.td"
include "lcp/Dialect/LCP/IR/LCPBranches.td"
include "lcp/Dialect/LCP/IR/LCPPlan.td"

#endif // LCP_DIALECT_LCP_IR_LCPOPS_TD
