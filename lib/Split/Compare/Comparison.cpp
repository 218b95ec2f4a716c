//===- Comparison.cpp - The method's Table I ------------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Comparison.h"
#include "lcp/Analysis/Cost/StripWeights.h"
#include "lcp/Split/Plan/PlanSplit.h"
#include "lcp/Split/Transforms/Rewrites.h"
#include "mlir/IR/Diagnostics.h"

using namespace mlir;
using namespace mlir::lcp;

namespace {
/// Measures a network, which has no weights, divided in one way after another.
class Comparer {
public:
  Comparer(ModuleOp network, SplitRequest request,
           const ::lcp::InputForm &input)
      : network(network), request(std::move(request)), input(input) {}

  FailureOr<std::vector<Deployment>> run();

private:
  FailureOr<NetworkFootprint> measurePipeline();
  FailureOr<NetworkFootprint> measureWidths(ParallelStyle style);
  FailureOr<NetworkFootprint> measureJoined(JoinOptions joins);
  FailureOr<NetworkFootprint> measureTree();
  LogicalResult addBranches();
  FailureOr<PlannedSplit> plan(const SplitRequest &wanted);
  LogicalResult add(StringRef name, FailureOr<NetworkFootprint> measured) {
    if (succeeded(measured))
      rows.push_back(deployOnDevices(name, *measured));
    return success(succeeded(measured));
  }

  ModuleOp network;
  SplitRequest request;
  const ::lcp::InputForm &input;
  std::vector<Deployment> rows;
};
} // namespace

FailureOr<PlannedSplit> Comparer::plan(const SplitRequest &wanted) {
  FailureOr<PlannedSplit> planned = planSplit(network, wanted);
  if (failed(planned))
    return failure();
  if (!planned->plan)
    return emitError(planned->tooNarrow->loc) << planned->tooNarrow->text;
  return planned;
}

FailureOr<NetworkFootprint> Comparer::measurePipeline() {
  FailureOr<NetworkFootprint> whole = measureNetwork(network, input);
  OwningOpRef<ModuleOp> copy = network.clone();
  if (failed(whole) ||
      failed(splitLayers(
          *copy, std::min<int64_t>(request.factor, whole->layers.size()))))
    return failure();
  return measureNetwork(*copy, input);
}

/// Of the model-parallel form.
FailureOr<NetworkFootprint> Comparer::measureWidths(ParallelStyle style) {
  SplitRequest wanted = request;
  wanted.style = style;
  wanted.merge = MergeChoice::Concat;
  FailureOr<PlannedSplit> planned = plan(wanted);
  OwningOpRef<ModuleOp> copy = network.clone();
  if (failed(planned) || failed(splitWidths(*copy, planned->plan)))
    return failure();
  return measureNetwork(*copy, input);
}

/// Of what is left of that form when all but `joins` of its connections between
/// branches are gone.
FailureOr<NetworkFootprint> Comparer::measureJoined(JoinOptions joins) {
  SplitRequest wanted = request;
  wanted.joins = joins;
  FailureOr<PlannedSplit> planned = plan(wanted);
  if (failed(planned))
    return failure();
  return measurePlan(network, planned->plan, input);
}

/// With the first half of the joins, rounded up.
FailureOr<NetworkFootprint> Comparer::measureTree() {
  FailureOr<NetworkFootprint> all = measureJoined({/*keepEvery=*/1});
  if (failed(all))
    return failure();
  // Every stage but the first begins with joins.
  return measureJoined({/*keepEvery=*/0, /*keepFirst=*/all->roundTrips / 2});
}

/// Of a split `module` without any branch but the one that computes most.
static FailureOr<NetworkFootprint>
measureOneBranch(ModuleOp module, const NetworkFootprint &split,
                 const ::lcp::InputForm &input) {
  if (split.devices.size() < 2)
    return split;
  auto most = llvm::max_element(split.devices, [](auto &a, auto &b) {
    return a.macs.total() < b.macs.total();
  });
  const int64_t kept = most - split.devices.begin();
  OwningOpRef<ModuleOp> copy = module.clone();
  if (failed(keepBranches(*copy, kept)))
    return failure();
  return measureNetwork(*copy, input);
}

/// Branches on their devices, on one, and one of them.
LogicalResult Comparer::addBranches() {
  FailureOr<PlannedSplit> planned = plan(request);
  OwningOpRef<ModuleOp> copy = network.clone();
  if (failed(planned))
    return failure();
  for (const auto &[loc, text] : planned->remarks)
    emitRemark(loc) << text;
  if (failed(splitWidths(*copy, planned->plan)) ||
      failed(removeNonBranchConnections(*copy, planned->plan)))
    return failure();
  FailureOr<NetworkFootprint> split = measureNetwork(*copy, input);
  if (failed(split))
    return failure();
  FailureOr<NetworkFootprint> branch = measureOneBranch(*copy, *split, input);
  if (failed(branch))
    return failure();
  rows.push_back(deployOnDevices("LCP", *split));
  rows.push_back(deployOnOneDevice("LCP, all branches on one device",
                                   split->onOneDevice()));
  rows.push_back(
      deployOnOneDevice("LCP, one branch alone", branch->onOneDevice()));
  return success();
}

FailureOr<std::vector<Deployment>> Comparer::run() {
  FailureOr<NetworkFootprint> whole = measureNetwork(network, input);
  if (failed(whole))
    return failure();
  rows = {deployOnOneDevice("one device", whole->outside),
          deployOnOneDevice("data parallel", whole->outside, request.factor)};
  JoinOptions shuffled{/*keepEvery=*/1, /*keepFirst=*/0, JoinKind::Shuffle};
  if (failed(add("pipeline by layers", measurePipeline())) ||
      failed(add("model parallel", measureWidths(ParallelStyle::Column))) ||
      failed(add("column and row paired",
                 measureWidths(ParallelStyle::ColumnRow))) ||
      failed(add("tree, half the joins", measureTree())) ||
      failed(add("grouped, shuffled", measureJoined(shuffled))) ||
      failed(addBranches()))
    return failure();
  return std::move(rows);
}

FailureOr<std::vector<Deployment>>
mlir::lcp::compareNetwork(ModuleOp module, int64_t factor, MergeChoice merge,
                          StringRef classifier, const ::lcp::InputForm &input) {
  SplitRequest request;
  request.factor = factor;
  request.merge = merge;
  request.classifier = classifier.str();
  return Comparer(*stripWeights(module), std::move(request), input).run();
}
