//===- TryPlan.cpp - A plan carried out on a copy -------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TryPlan.h"
#include "lcp/Split/Plan/PlanSplit.h"
#include "lcp/Split/Transforms/Rewrites.h"
#include "mlir/IR/BuiltinDialect.h"
#include "mlir/IR/Diagnostics.h"

using namespace mlir;
using namespace mlir::lcp;

TriedPlan::TriedPlan(ModuleOp original)
    : module(cast<ModuleOp>(original->clone(mapping))) {
  noteWeights(given);
}

TriedPlan::~TriedPlan() {
  auto &blobs =
      DenseResourceElementsHandle::getManagerInterface(module->getContext());
  for (const auto &key : made)
    if (!given.contains(key.getKey()))
      blobs.update(key.getKey(), AsmResourceBlob());
}

func::FuncOp TriedPlan::getFunction() {
  return module->lookupSymbol<func::FuncOp>("main");
}

void TriedPlan::noteWeights(llvm::StringSet<> &keys) {
  module->walk([&](ConstantOp op) {
    if (isa<DenseResourceElementsAttr>(op.getValue()))
      keys.insert(op.getKey());
  });
}

LogicalResult TriedPlan::carryOut(PlanAttr plan) {
  ScopedDiagnosticHandler quiet(
      module->getContext(), [](Diagnostic &diagnostic) {
        return success(diagnostic.getSeverity() == DiagnosticSeverity::Remark);
      });
  if (failed(splitWidths(*module, plan)))
    return failure();
  // The next step drops what it narrows further.
  noteWeights(made);
  LogicalResult done = removeNonBranchConnections(*module, plan);
  noteWeights(made);
  return done;
}

FailureOr<NetworkFootprint>
mlir::lcp::measurePlan(ModuleOp module, PlanAttr plan,
                       const ::lcp::InputForm &input) {
  TriedPlan tried(module);
  if (failed(tried.carryOut(plan)))
    return failure();
  return measureNetwork(tried.getModule(), input);
}
