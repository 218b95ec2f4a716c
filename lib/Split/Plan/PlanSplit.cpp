//===- PlanSplit.cpp - Deciding how a network is divided ------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lcp/Split/Plan/PlanSplit.h"
#include "AssignChannels.h"
#include "Rounding.h"
#include "ShardByShares.h"
#include "TryPlan.h"
#include "WritePlan.h"
#include "lcp/Analysis/Cost/StripWeights.h"
#include "lcp/Split/Sharding/ChannelClasses.h"
#include "lcp/Split/Sharding/Factor.h"
#include "lcp/Split/Sharding/Joins.h"
#include "lcp/Split/Transforms/Rewrites.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace mlir::lcp;

namespace {
/// Decides step by step; each reports what is wrong, or leaves the reason in
/// `result.tooNarrow`.
class SplitPlanner {
public:
  SplitPlanner(func::FuncOp func, Operation *classifier,
               const SplitRequest &request)
      : func(func), classifier(classifier), request(request) {}
  FailureOr<PlannedSplit> run();

private:
  LogicalResult assign();
  LogicalResult shardAsItIs();
  LogicalResult shardResized();
  LogicalResult accept(func::FuncOp network, const Sharding &sharding,
                       OldChannels oldChannels);
  SmallVector<int64_t> chooseJoins();
  FailureOr<ClassifierMerge> chooseMerge(ArrayRef<int64_t> joins);
  PlanAttr completePlan(ClassifierMerge merge, ArrayRef<int64_t> joins);
  void remark(Operation *op, const Twine &text) {
    result.remarks.push_back({op->getLoc(), text.str()});
  }
  void remarkOnAssignment();

  func::FuncOp func;
  Operation *classifier;
  const SplitRequest &request;
  ChannelAssignment assignment;
  PlannedSplit result;
};
} // namespace

/// Chooses which channels go together.
LogicalResult SplitPlanner::assign() {
  Sharding inOrder = shardByShares(func, request.branchShares(), classifier);
  if (Operation *layer = inOrder.tooNarrow) {
    result.tooNarrow = {layer->getLoc(),
                        explainTooNarrow(layer, request.factor)};
    return success();
  }
  FailureOr<ChannelAssignment> found = assignChannels(func, inOrder, request);
  if (failed(found))
    return failure();
  assignment = std::move(*found);
  result.kept = assignment.kept;
  return success();
}

/// Takes a division of `network`, the function or a copy of it.
LogicalResult SplitPlanner::accept(func::FuncOp network,
                                   const Sharding &sharding,
                                   OldChannels oldChannels) {
  if (Operation *layer = sharding.tooNarrow) {
    result.tooNarrow = {layer->getLoc(),
                        explainTooNarrow(layer, request.factor)};
    return success();
  }
  for (const auto &[op, why] : sharding.whole)
    remark(op, describe(op) + " stays whole, outside the branches: " + why);
  for (const auto &[op, why] : sharding.unpaired)
    remark(op,
           describe(op) + " is not paired with the layer before it: " + why);
  if (sharding.stages.empty())
    return func->emitError(
        "nothing to divide: the network has only its classifier");
  result.plan = writePlan(network, sharding, oldChannels);
  return success();
}

LogicalResult SplitPlanner::shardAsItIs() {
  Sharding sharding = shardByShares(func, request.branchShares(), classifier,
                                    assignment.divisions,
                                    request.style == ParallelStyle::ColumnRow);
  return accept(func, sharding,
                [](Operation *) { return ArrayRef<int64_t>(); });
}

/// On a copy whose layers have their new widths; that is where it shows which
/// of them can be resized, and divided then.
LogicalResult SplitPlanner::shardResized() {
  IRMapping mapping;
  OwningOpRef<ModuleOp> copy =
      stripWeights(func->getParentOfType<ModuleOp>(), mapping);
  auto resized = cast<func::FuncOp>(mapping.lookup(func.getOperation()));
  Operation *last = mapping.lookup(classifier);
  ClassDivisions divisions;
  for (const auto &[leader, partition] : assignment.divisions)
    divisions[mapping.lookup(leader)] = partition;
  ChannelClasses classes(resized);
  DenseMap<Value, ChannelMap> channels;
  auto newChannels = [&](Value leader, int64_t units, int64_t quantum) {
    auto known = divisions.find(leader);
    ChannelMap map = roundChannels(
        request, known == divisions.end() ? nullptr : &known->second, units,
        quantum);
    channels[leader] = map;
    return map;
  };
  if (failed(resizeLayers(resized, last, newChannels,
                          "; use round=spread and fatten=0")))
    return failure();
  Sharding sharding =
      shardByShares(resized, request.branchShares(), last, ClassDivisions(),
                    request.style == ParallelStyle::ColumnRow);
  return accept(resized, sharding, [&](Operation *layer) {
    auto map = channels.find(classes.leader(layer->getResult(0)));
    return map == channels.end() ? ArrayRef<int64_t>()
                                 : ArrayRef<int64_t>(map->second);
  });
}

/// The plan of the widths with all else that was decided.
PlanAttr SplitPlanner::completePlan(ClassifierMerge merge,
                                    ArrayRef<int64_t> joins) {
  SmallVector<StringAttr> devices;
  for (const std::string &name : request.devices)
    devices.push_back(StringAttr::get(func.getContext(), name));
  PlanAttr widths = result.plan;
  return PlanAttr::get(func.getContext(), widths.getBranches(),
                       widths.getClassifier(), widths.getLayers(), merge, joins,
                       request.joins.kind, devices);
}

SmallVector<int64_t> SplitPlanner::chooseJoins() {
  SmallVector<int64_t> joins;
  const JoinOptions &options = request.joins;
  for (int64_t join = 1, last = countJoins(func); join <= last; ++join)
    if (join <= options.keepFirst ||
        (options.keepEvery > 0 && join % options.keepEvery == 0))
      joins.push_back(join);
  return joins;
}

FailureOr<ClassifierMerge> SplitPlanner::chooseMerge(ArrayRef<int64_t> joins) {
  switch (request.merge) {
  case MergeChoice::Concat:
    return ClassifierMerge::Concat;
  case MergeChoice::SumLogits:
    return ClassifierMerge::SumLogits;
  case MergeChoice::SumFeatures:
    return ClassifierMerge::SumFeatures;
  case MergeChoice::Auto:
    break;
  }
  OwningOpRef<ModuleOp> stripped =
      stripWeights(func->getParentOfType<ModuleOp>());
  TriedPlan trial(*stripped);
  if (failed(trial.carryOut(completePlan(ClassifierMerge::Concat, joins))))
    return failure();
  return sumOfLogitsIsSmaller(trial.getFunction()) ? ClassifierMerge::SumLogits
                                                   : ClassifierMerge::Concat;
}

void SplitPlanner::remarkOnAssignment() {
  if (const auto &agreement = assignment.agreement)
    remark(func, llvm::formatv("assign=affinity: before training, outputs on "
                               "the calibration inputs correlate with the "
                               "original's by {0:F3}, with contiguous channels "
                               "by {1:F3}",
                               agreement->assigned, agreement->contiguous)
                     .str());
  remark(func, llvm::formatv("assign=affinity keeps {0:F1} % of squared weight "
                             "within branches, where contiguous channels keep "
                             "{1:F1} %",
                             100 * assignment.kept.assigned,
                             100 * assignment.kept.contiguous)
                   .str());
}

FailureOr<PlannedSplit> SplitPlanner::run() {
  bool affinity = request.assignment == Assignment::Affinity;
  if (affinity && failed(assign()))
    return failure();
  if (!result.tooNarrow &&
      failed(resizes(request) ? shardResized() : shardAsItIs()))
    return failure();
  if (!result.plan)
    return std::move(result);
  if (affinity)
    remarkOnAssignment();
  SmallVector<int64_t> joins = chooseJoins();
  FailureOr<ClassifierMerge> merge = chooseMerge(joins);
  if (failed(merge))
    return failure();
  result.plan = completePlan(*merge, joins);
  return std::move(result);
}

FailureOr<PlannedSplit> mlir::lcp::planSplit(ModuleOp module,
                                             const SplitRequest &request) {
  FailureOr<func::FuncOp> func = findWholeMain(module);
  if (failed(func) || failed(checkFactor(*func, request.factor)))
    return failure();
  FailureOr<Operation *> classifier = findClassifier(*func, request.classifier);
  if (failed(classifier))
    return failure();
  return SplitPlanner(*func, *classifier, request).run();
}
