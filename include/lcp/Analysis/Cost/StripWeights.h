//===- StripWeights.h - A network to measure, without its weights *- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_ANALYSIS_COST_STRIPWEIGHTS_H
#define LCP_ANALYSIS_COST_STRIPWEIGHTS_H

#include "lcp/Analysis/Cost/Footprint.h"
#include "lcp/Split/Split.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

namespace mlir::lcp {

/// `module` with a zero in the place of every weight. A trial split of the
/// clone has the footprint of a split of `module` and copies no weights; blobs
/// of a trial would stay in memory as long as the context does.
OwningOpRef<ModuleOp> cloneWithoutWeights(ModuleOp module);

/// What a split of `weightless` would ask of its devices; on failure `why` has
/// the splitter's reason, and nothing is reported.
FailureOr<NetworkFootprint> measureTrial(ModuleOp weightless,
                                         const SplitRequest &request,
                                         std::string &why);

} // namespace mlir::lcp

#endif // LCP_ANALYSIS_COST_STRIPWEIGHTS_H
