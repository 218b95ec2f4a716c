//===- Passes.h - Dividing a network into branches -------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_SPLIT_PASSES_H
#define LCP_SPLIT_PASSES_H

#include "lcp/Dialect/LCP/IR/LCPDialect.h"
#include "mlir/Pass/Pass.h"
#include "mlir/Pass/PassOptions.h"

namespace mlir::lcp {

#define GEN_PASS_DECL
#include "lcp/Split/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "lcp/Split/Passes.h.inc"

/// Of the lcp-split pipeline; the passes describe what they mean.
struct SplitOptions : PassPipelineOptions<SplitOptions> {
  Option<std::string> factor{*this, "factor",
                             llvm::cl::desc("Number of branches, or auto"),
                             llvm::cl::init("")};
  Option<std::string> device{
      *this, "device",
      llvm::cl::desc("What every branch runs on, or one name a branch"),
      llvm::cl::init("")};
  Option<std::string> cluster{
      *this, "cluster",
      llvm::cl::desc("The cluster file that names those devices"),
      llvm::cl::init("")};
  Option<double> latencyMs{*this, "latency-ms",
                           llvm::cl::desc("With factor=auto: how long it may "
                                          "compute at its peak"),
                           llvm::cl::init(100)};
  Option<std::string> round{*this, "round", llvm::cl::desc("spread or floor"),
                            llvm::cl::init("spread")};
  Option<int64_t> fatten{*this, "fatten",
                         llvm::cl::desc("Percent by which layers are widened"),
                         llvm::cl::init(0)};
  Option<std::string> assign{*this, "assign",
                             llvm::cl::desc("contiguous or affinity"),
                             llvm::cl::init("contiguous")};
  Option<std::string> calibrate{
      *this, "calibrate",
      llvm::cl::desc("With assign=affinity: inputs to choose channels by"),
      llvm::cl::init("")};
  Option<unsigned> trials{
      *this, "trials",
      llvm::cl::desc("With calibrate: how many exchanges are tried"),
      llvm::cl::init(128)};
  Option<std::string> merge{
      *this, "merge",
      llvm::cl::desc("concat, sum-logits, sum-features or auto"),
      llvm::cl::init("concat")};
  Option<int64_t> keepEvery{*this, "keep-every",
                            llvm::cl::desc("Keep every k-th join"),
                            llvm::cl::init(0)};
  Option<int64_t> keepFirst{*this, "keep-first",
                            llvm::cl::desc("Keep the first k joins"),
                            llvm::cl::init(0)};
  Option<std::string> join{*this, "join", llvm::cl::desc("whole or shuffle"),
                           llvm::cl::init("whole")};
  Option<std::string> classifier{*this, "classifier",
                                 llvm::cl::desc("ONNX node of the final layer"),
                                 llvm::cl::init("")};
};

/// lcp-canonicalize-shapes, lcp-split-widths, then
/// lcp-remove-nonbranch-connections.
void buildSplitPipeline(OpPassManager &manager, const SplitOptions &options);
/// Registers lcp-split with an option string that is a bare factor or
/// `factor=4 merge=auto ...`.
void registerSplitPipeline();

} // namespace mlir::lcp

#endif // LCP_SPLIT_PASSES_H
