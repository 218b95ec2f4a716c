//===- SplitPipeline.cpp - lcp-split -------------------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lcp/Dialect/LCP/Transforms/Passes.h"
#include "lcp/Split/Passes.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"

using namespace mlir;
using namespace mlir::lcp;

static void registerSplitPipeline(const OpenOutputJudge &openJudge) {
  // Not PassPipelineRegistration: the options are those of one of the passes.
  registerPassPipeline(
      "lcp-split",
      "Divide a network into branches that share only the input and the "
      "classifier: lcp-split=4, or \"factor=4 merge=auto ...\", options of "
      "lcp-plan-split",
      [=](OpPassManager &manager, StringRef options,
          function_ref<LogicalResult(const Twine &)> errorHandler) {
        std::unique_ptr<Pass> plan =
            createPlanSplitPass(PlanSplitPassOptions(), openJudge);
        if (failed(plan->initializeOptions(options, errorHandler)))
          return failure();
        // Reshapes and transposes that shuffle channels become an op that the
        // splitter knows.
        manager.addPass(createCanonicalizeShapes());
        manager.addPass(std::move(plan));
        manager.addPass(createSplitWidthsPass());
        manager.addPass(createRemoveNonBranchConnectionsPass());
        return success();
      },
      [](function_ref<void(const mlir::detail::PassOptions &)>) {});
}

void mlir::lcp::registerSplitPasses(OpenOutputJudge openJudge) {
  registerPass(
      [=] { return createPlanSplitPass(PlanSplitPassOptions(), openJudge); });
  registerPrintPlanPass();
  registerSplitWidthsPass();
  registerRemoveNonBranchConnectionsPass();
  registerSplitLayersPass();
  registerKeepBranchesPass();
  registerFormBranchesPass();
  registerNarrowWidthsPass();
  registerPrintFootprintPass();
  registerSplitPipeline(openJudge);
}
