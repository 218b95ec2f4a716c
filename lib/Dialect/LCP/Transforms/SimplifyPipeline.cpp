//===- SimplifyPipeline.cpp - The order of the simplifications ----------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lcp/Dialect/LCP/Transforms/Passes.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"

using namespace mlir;
using namespace mlir::lcp;

void mlir::lcp::buildSimplifyPipeline(OpPassManager &passes) {
  // What stands between ops that the later passes match goes first.
  passes.addPass(createDropNoOps());
  passes.addPass(createFoldConstants());
  passes.addPass(createCanonicalizeShapes());
  passes.addPass(createSimplifyActivations());
  passes.addPass(createFoldPad());
  passes.addPass(createFoldChannelAffine());
  passes.addPass(createFoldTranspose());
}

void mlir::lcp::registerSimplifyPipeline() {
  PassPipelineRegistration<>(
      "lcp-simplify",
      "Fold and remove what a trained network no longer needs at inference",
      buildSimplifyPipeline);
}
