//===- Passes.h - Dividing a network into branches -------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_SPLIT_PASSES_H
#define LCP_SPLIT_PASSES_H

#include "lcp/Dialect/LCP/IR/LCPDialect.h"
#include "lcp/Split/Plan/OutputJudge.h"
#include "lcp/Split/Plan/PlanOptions.h"
#include "mlir/Pass/Pass.h"

namespace mlir::lcp {

#define GEN_PASS_DECL
#include "lcp/Split/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "lcp/Split/Passes.h.inc"

/// lcp-plan-split, which can choose channels by the network's answers as
/// `openJudge` judges them.
std::unique_ptr<Pass> createPlanSplitPass(PlanSplitPassOptions options,
                                          OpenOutputJudge openJudge);

/// Registers the passes above, lcp-plan-split with that judge, and the pipeline
/// lcp-split: lcp-canonicalize-shapes, lcp-plan-split, lcp-split-widths and
/// lcp-remove-nonbranch-connections. Its options are lcp-plan-split's.
void registerSplitPasses(OpenOutputJudge openJudge);

} // namespace mlir::lcp

#endif // LCP_SPLIT_PASSES_H
