//===- Pipeline.cpp - lcp-split: the passes in order ----------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lcp/Split/Plan/Options.h"
#include "lcp/Dialect/LCP/Transforms/Passes.h"
#include "lcp/Split/Passes.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassOptions.h"
#include "mlir/Pass/PassRegistry.h"

using namespace mlir;
using namespace mlir::lcp;

namespace {
/// Those of the two passes, which describe what they mean.
struct SplitOptions : PassPipelineOptions<SplitOptions> {
  // Defaults are said once, by the pass.
  const SplitWidthsPassOptions own{};

  Option<std::string> factor{*this, "factor",
                             llvm::cl::desc("Number of branches, or auto"),
                             llvm::cl::init(own.factor)};
  Option<std::string> device{
      *this, "device",
      llvm::cl::desc("What every branch runs on, or one name a branch"),
      llvm::cl::init(own.device)};
  Option<std::string> cluster{
      *this, "cluster",
      llvm::cl::desc("The cluster file that names those devices"),
      llvm::cl::init(own.cluster)};
  Option<double> latencyMs{*this, "latency-ms",
                           llvm::cl::desc("With factor=auto: how long it may "
                                          "compute at its peak"),
                           llvm::cl::init(own.latencyMs)};
  Option<std::string> round{*this, "round", llvm::cl::desc("spread or floor"),
                            llvm::cl::init(own.round)};
  Option<int64_t> fatten{*this, "fatten",
                         llvm::cl::desc("Percent by which layers are widened"),
                         llvm::cl::init(own.fatten)};
  Option<std::string> assign{*this, "assign",
                             llvm::cl::desc("contiguous or affinity"),
                             llvm::cl::init(own.assign)};
  Option<std::string> calibrate{
      *this, "calibrate",
      llvm::cl::desc("With assign=affinity: inputs to choose channels by"),
      llvm::cl::init(own.calibrate)};
  Option<unsigned> trials{
      *this, "trials",
      llvm::cl::desc("With calibrate: how many exchanges are tried"),
      llvm::cl::init(own.trials)};
  Option<std::string> merge{
      *this, "merge",
      llvm::cl::desc("concat, sum-logits, sum-features or auto"),
      llvm::cl::init(own.merge)};
  Option<int64_t> keepEvery{*this, "keep-every",
                            llvm::cl::desc("Keep every k-th join"),
                            llvm::cl::init(own.keepEvery)};
  Option<int64_t> keepFirst{*this, "keep-first",
                            llvm::cl::desc("Keep the first k joins"),
                            llvm::cl::init(own.keepFirst)};
  Option<std::string> join{*this, "join", llvm::cl::desc("whole or shuffle"),
                           llvm::cl::init(own.join)};
  Option<std::string> classifier{*this, "classifier",
                                 llvm::cl::desc("ONNX node of the final layer"),
                                 llvm::cl::init(own.classifier)};
};
} // namespace

static void buildSplitPipeline(OpPassManager &manager,
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
        std::string problem;
        llvm::raw_string_ostream stream(problem);
        if (failed(options.parseFromString(expandFactor(text), stream)))
          return problem.empty() ? failure()
                                 : errorHandler(StringRef(problem).trim());
        buildSplitPipeline(manager, options);
        return success();
      },
      [](function_ref<void(const mlir::detail::PassOptions &)> handler) {
        handler(SplitOptions());
      });
}
