//===- StripWeights.cpp - A network to measure, without its weights -------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lcp/Analysis/Cost/StripWeights.h"
#include "lcp/Dialect/LCP/IR/LCPOps.h"
#include "mlir/IR/Diagnostics.h"

using namespace mlir;
using namespace mlir::lcp;

OwningOpRef<ModuleOp> mlir::lcp::cloneWithoutWeights(ModuleOp module) {
  OwningOpRef<ModuleOp> clone = module.clone();
  clone->walk([](ConstantOp op) {
    if (op.isSplat())
      return;
    OpBuilder builder(op);
    Attribute zero = builder.getZeroAttr(op.getType().getElementType());
    auto splat = DenseElementsAttr::get(op.getType(), zero);
    op.replaceAllUsesWith(
        builder.create<ConstantOp>(op.getLoc(), splat).getResult());
    op.erase();
  });
  return clone;
}

FailureOr<NetworkFootprint> mlir::lcp::measureTrial(ModuleOp weightless,
                                                    const SplitRequest &request,
                                                    std::string &why) {
  ScopedDiagnosticHandler listen(
      weightless.getContext(), [&](Diagnostic &diagnostic) {
        if (diagnostic.getSeverity() == DiagnosticSeverity::Error)
          why = diagnostic.str();
        return success();
      });
  OwningOpRef<ModuleOp> trial = weightless.clone();
  if (failed(splitWidths(*trial, request)) ||
      failed(removeNonBranchConnections(*trial, request.merge, request.joins)))
    return failure();
  return measureNetwork(*trial);
}
