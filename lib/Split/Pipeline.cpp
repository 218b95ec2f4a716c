//===- Pipeline.cpp - lcp-split: the passes in order ----------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Options.h"
#include "lcp/Dialect/LCP/Transforms/Passes.h"
#include "lcp/Split/Passes.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"

using namespace mlir;
using namespace mlir::lcp;

void mlir::lcp::buildSplitPipeline(OpPassManager &manager,
                                   const SplitOptions &options) {
  // Reshapes and transposes that shuffle channels become an op that the
  // splitter knows.
  manager.addPass(createCanonicalizeShapes());
  SplitWidthsPassOptions widths;
  widths.factor = options.factor;
  widths.device = options.device;
  widths.cluster = options.cluster;
  widths.merge = options.merge;
  widths.keepEvery = options.keepEvery;
  widths.keepFirst = options.keepFirst;
  widths.join = options.join;
  widths.latencyMs = options.latencyMs;
  widths.round = options.round;
  widths.fatten = options.fatten;
  widths.assign = options.assign;
  widths.calibrate = options.calibrate;
  widths.trials = options.trials;
  widths.classifier = options.classifier;
  manager.addPass(createSplitWidthsPass(widths));
  RemoveNonBranchConnectionsPassOptions connections;
  connections.merge = options.merge;
  connections.keepEvery = options.keepEvery;
  connections.keepFirst = options.keepFirst;
  connections.join = options.join;
  manager.addPass(createRemoveNonBranchConnectionsPass(connections));
}

void mlir::lcp::registerSplitPipeline() {
  // Not PassPipelineRegistration: a bare factor is an option string too.
  registerPassPipeline(
      "lcp-split",
      "Divide a network into branches that share only the input and the "
      "classifier: lcp-split=4, or \"factor=4 merge=auto ...\"",
      [](OpPassManager &manager, StringRef text,
         function_ref<LogicalResult(const Twine &)> errorHandler) {
        SplitOptions options;
        if (failed(options.parseFromString(expandFactor(text))))
          return failure();
        if (options.factor != "auto" && options.latencyMs.hasValue())
          return errorHandler("latency-ms= is for factor=auto");
        buildSplitPipeline(manager, options);
        return success();
      },
      [](function_ref<void(const mlir::detail::PassOptions &)> handler) {
        handler(SplitOptions());
      });
}
