//===- StripWeights.h - Networks without their weights ----------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_ANALYSIS_COST_STRIPWEIGHTS_H
#define LCP_ANALYSIS_COST_STRIPWEIGHTS_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/OwningOpRef.h"

namespace mlir::lcp {

/// A copy of `module` with a zero in the place of every weight. What is made of
/// it has the same footprint, and copies no weights: blobs of a trial would
/// stay in memory as long as the context does.
OwningOpRef<ModuleOp> stripWeights(ModuleOp module);
/// `mapping` tells what stands for each op and value that is no weight.
OwningOpRef<ModuleOp> stripWeights(ModuleOp module, IRMapping &mapping);

} // namespace mlir::lcp

#endif // LCP_ANALYSIS_COST_STRIPWEIGHTS_H
