//===- TrialSplit.cpp - A network split, to see what it answers -----------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TrialSplit.h"
#include "lcp/Split/Transforms/ApplyWidths.h"
#include "lcp/Split/Split.h"
#include "mlir/IR/BuiltinDialect.h"

using namespace mlir;
using namespace mlir::lcp;

TrialSplit::TrialSplit(func::FuncOp original, Operation *classifier)
    : module(cast<ModuleOp>(
          original->getParentOfType<ModuleOp>()->clone(mapping))),
      func(cast<func::FuncOp>(mapping.lookup(original.getOperation()))),
      classifier(mapping.lookup(classifier)) {
  noteWeights(given);
}

TrialSplit::~TrialSplit() {
  auto &blobs =
      DenseResourceElementsHandle::getManagerInterface(module->getContext());
  for (const auto &key : made)
    if (!given.contains(key.getKey()))
      blobs.update(key.getKey(), AsmResourceBlob());
}

void TrialSplit::noteWeights(llvm::StringSet<> &keys) {
  module->walk([&](ConstantOp op) {
    if (isa<DenseResourceElementsAttr>(op.getValue()))
      keys.insert(op.getKey());
  });
}

LogicalResult TrialSplit::divide(ArrayRef<int64_t> shares,
                                 const ClassDivisions &divisions) {
  ClassDivisions own;
  for (const auto &[leader, partition] : divisions)
    own[mapping.lookup(leader)] = partition;
  FailureOr<WidthPlan> plan = planWidths(func, shares, classifier, own);
  if (failed(plan))
    return failure();
  applyWidths(func, *plan);
  // The next step drops what it narrows further.
  noteWeights(made);
  LogicalResult done = removeNonBranchConnections(*module, "concat");
  noteWeights(made);
  return done;
}
