//===- Comparison.cpp - Ways to use several devices -----------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Comparison.h"
#include "lcp/Split/Sharding/QuietRemarks.h"
#include "lcp/Analysis/Cost/StripWeights.h"
#include "lcp/Split/Split.h"

using namespace mlir;
using namespace mlir::lcp;

/// Of `module` as a pipeline.
static FailureOr<NetworkFootprint> measurePipeline(ModuleOp module,
                                                   int64_t stages) {
  OwningOpRef<ModuleOp> copy = cloneWithoutWeights(module);
  if (failed(splitLayers(*copy, stages)))
    return failure();
  return measureNetwork(*copy);
}

/// Of the model-parallel form with column and row layers in pairs.
static FailureOr<NetworkFootprint> measurePaired(ModuleOp module,
                                                 SplitRequest request) {
  QuietRemarks quiet(module.getContext());
  request.pairLayers = true;
  OwningOpRef<ModuleOp> copy = cloneWithoutWeights(module);
  if (failed(splitWidths(*copy, request)))
    return failure();
  return measureNetwork(*copy);
}

/// Of what is left of the model-parallel form `widths` when all but `joins` of
/// its connections between branches are gone.
static FailureOr<NetworkFootprint>
measureJoined(ModuleOp widths, StringRef merge, const JoinOptions &joins) {
  QuietRemarks quiet(widths.getContext());
  OwningOpRef<ModuleOp> copy = widths.clone();
  if (failed(removeNonBranchConnections(*copy, merge, joins)))
    return failure();
  return measureNetwork(*copy);
}

static FailureOr<NetworkFootprint> measureShuffled(ModuleOp widths,
                                                   StringRef merge) {
  JoinOptions joins;
  joins.keepEvery = 1;
  joins.shuffle = true;
  return measureJoined(widths, merge, joins);
}

/// With the first half of the joins, rounded up.
static FailureOr<NetworkFootprint> measureTree(ModuleOp widths,
                                               StringRef merge) {
  JoinOptions joins;
  joins.keepEvery = 1;
  FailureOr<NetworkFootprint> all = measureJoined(widths, merge, joins);
  if (failed(all))
    return failure();
  joins.keepEvery = 0;
  // Every stage but the first begins with joins.
  joins.keepFirst = all->roundTrips / 2;
  return measureJoined(widths, merge, joins);
}

/// Of a split `module` without any branch but the one that computes most.
static FailureOr<NetworkFootprint>
measureOneBranch(ModuleOp module, const NetworkFootprint &split) {
  if (split.devices.size() < 2)
    return split;
  auto most = llvm::max_element(
      split.devices, [](auto &a, auto &b) { return a.macs < b.macs; });
  const int64_t kept = most - split.devices.begin();
  OwningOpRef<ModuleOp> copy = module.clone();
  if (failed(keepBranches(*copy, kept)))
    return failure();
  return measureNetwork(*copy);
}

/// Divides `widths` into branches: those on their devices, on one, and one of
/// them.
static LogicalResult addBranches(ModuleOp widths, StringRef merge,
                                 std::vector<Deployment> &rows) {
  if (failed(removeNonBranchConnections(widths, merge)))
    return failure();
  FailureOr<NetworkFootprint> split = measureNetwork(widths);
  if (failed(split))
    return failure();
  FailureOr<NetworkFootprint> branch = measureOneBranch(widths, *split);
  if (failed(branch))
    return failure();
  rows.push_back(deployOnDevices("LCP", *split));
  rows.push_back(
      deployOnOneDevice("LCP, all branches on one device", split->onOneDevice()));
  rows.push_back(
      deployOnOneDevice("LCP, one branch alone", branch->onOneDevice()));
  return success();
}

FailureOr<std::vector<Deployment>>
mlir::lcp::compareNetwork(ModuleOp module, int64_t factor, StringRef merge,
                          StringRef classifier) {
  SplitRequest request;
  request.factor = factor;
  request.classifier = classifier.str();
  FailureOr<NetworkFootprint> whole = measureNetwork(module);
  OwningOpRef<ModuleOp> widths = cloneWithoutWeights(module);
  if (failed(whole) || failed(splitWidths(*widths, request)))
    return failure();
  std::vector<Deployment> rows{
      deployOnOneDevice("one device", whole->outside),
      deployOnOneDevice("data parallel", whole->outside, factor)};
  auto add = [&](StringRef name, FailureOr<NetworkFootprint> measured) {
    if (succeeded(measured))
      rows.push_back(deployOnDevices(name, *measured));
    return success(succeeded(measured));
  };
  int64_t stages = std::min<int64_t>(factor, whole->layers.size());
  if (failed(add("pipeline by layers", measurePipeline(module, stages))) ||
      failed(add("model parallel", measureNetwork(*widths))) ||
      failed(add("column and row paired", measurePaired(module, request))) ||
      failed(add("tree, half the joins", measureTree(*widths, merge))) ||
      failed(add("grouped, shuffled", measureShuffled(*widths, merge))) ||
      failed(addBranches(*widths, merge, rows)))
    return failure();
  return rows;
}
