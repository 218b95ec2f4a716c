//===- StripWeights.cpp - Networks without their weights ------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lcp/Analysis/Cost/StripWeights.h"
#include "lcp/Dialect/LCP/IR/LCPOps.h"

using namespace mlir;
using namespace mlir::lcp;

OwningOpRef<ModuleOp> mlir::lcp::stripWeights(ModuleOp module) {
  IRMapping mapping;
  return stripWeights(module, mapping);
}

OwningOpRef<ModuleOp> mlir::lcp::stripWeights(ModuleOp module,
                                              IRMapping &mapping) {
  OwningOpRef<ModuleOp> clone = cast<ModuleOp>(module->clone(mapping));
  clone->walk([](ConstantOp op) {
    OpBuilder builder(op);
    Attribute zero = builder.getZeroAttr(op.getType().getElementType());
    auto splat = DenseElementsAttr::get(op.getType(), zero);
    op.replaceAllUsesWith(
        builder.create<ConstantOp>(op.getLoc(), splat).getResult());
    op.erase();
  });
  return clone;
}
