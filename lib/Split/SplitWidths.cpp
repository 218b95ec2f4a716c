//===- SplitWidths.cpp - Output channels over branches, exactly -----------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "AssignChannels.h"
#include "ChooseFactor.h"
#include "Joins.h"
#include "Narrow.h"
#include "Options.h"
#include "Resize.h"
#include "StageBuilder.h"
#include "WidthPlan.h"
#include "lcp/Split/Passes.h"
#include "lcp/Split/Split.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/RegionUtils.h"
#include "llvm/Support/FormatVariadic.h"

namespace mlir::lcp {
#define GEN_PASS_DEF_SPLITWIDTHSPASS
#include "lcp/Split/Passes.h.inc"
} // namespace mlir::lcp

using namespace mlir;
using namespace mlir::lcp;

namespace {
/// Turns a function into the form that a plan describes, stage by stage.
class WidthsRewriter {
public:
  WidthsRewriter(func::FuncOp func, const WidthPlan &plan);
  void run();

private:
  using Pieces = SmallVector<Value>;

  void emitStage(unsigned stage);
  void emitOp(Operation *op, unsigned stage, StageBuilder &builder);
  BranchValue read(Value operand, bool whole, unsigned branch,
                   StageBuilder &builder);
  Value getWhole(Value value);
  bool leavesStage(Operation *op, unsigned stage) const;

  func::FuncOp func;
  const WidthPlan &plan;
  SmallVector<SmallVector<Operation *>> members;
  /// What the current stage's branches have made of original values.
  DenseMap<Value, Pieces> local;
  /// Results of finished stages, and the merges made of them.
  DenseMap<Value, Pieces> pieces;
  DenseMap<Value, Value> merged;
};
} // namespace

WidthsRewriter::WidthsRewriter(func::FuncOp func, const WidthPlan &plan)
    : func(func), plan(plan) {
  for (Operation &op : func.getBody().front()) {
    auto it = plan.stages.find(&op);
    if (it == plan.stages.end())
      continue;
    if (it->second >= members.size())
      members.resize(it->second + 1);
    members[it->second].push_back(&op);
  }
}

/// The whole of an original value, at the top level.
Value WidthsRewriter::getWhole(Value value) {
  auto it = pieces.find(value);
  if (it == pieces.end())
    return value;
  Value &merge = merged[value];
  if (!merge) {
    OpBuilder builder(func.getContext());
    builder.setInsertionPointAfterValue(it->second[0]);
    auto partition = plan.partitions.find(value);
    merge = partition == plan.partitions.end()
                ? createSum(builder, value.getLoc(), it->second)
                : createMerge(builder, value.getLoc(), it->second,
                              partition->second);
  }
  return merge;
}

BranchValue WidthsRewriter::read(Value operand, bool whole, unsigned branch,
                                 StageBuilder &builder) {
  if (isConstant(operand))
    return {operand, std::nullopt};
  auto partition = plan.partitions.find(operand);
  if (whole || partition == plan.partitions.end())
    return {builder.addShared(getWhole(operand))[branch], std::nullopt};
  auto here = local.find(operand);
  Value value = here != local.end()
                    ? here->second[branch]
                    : builder.addOwn(pieces.find(operand)->second)[branch];
  return {value, partition->second.slice(branch)};
}

void WidthsRewriter::emitOp(Operation *op, unsigned stage,
                            StageBuilder &builder) {
  // A stage's layer sees everything before it; what rides sees its own part.
  bool whole = op == members[stage].front();
  bool row = plan.rows.contains(op);
  for (unsigned branch = 0; branch < plan.branches; ++branch) {
    SmallVector<BranchValue> operands;
    for (Value operand : op->getOperands())
      operands.push_back(read(operand, whole, branch, builder));
    std::optional<ChannelSlice> part;
    if (!row)
      part = plan.partitions.find(op->getResult(0))->second.slice(branch);
    else if (branch > 0)
      operands.truncate(2); // the bias is added once
    local[op->getResult(0)].push_back(narrowOp(
        builder.at(branch), op, operands, part, (".b" + Twine(branch)).str()));
  }
}

bool WidthsRewriter::leavesStage(Operation *op, unsigned stage) const {
  return llvm::any_of(op->getUsers(), [&](Operation *user) {
    auto it = plan.stages.find(user);
    return it == plan.stages.end() || it->second != stage;
  });
}

void WidthsRewriter::emitStage(unsigned stage) {
  StageBuilder builder(func.getContext(), plan.branches);
  local.clear();
  SmallVector<Value> leaving;
  for (Operation *op : members[stage]) {
    emitOp(op, stage, builder);
    if (!leavesStage(op, stage))
      continue;
    builder.addResults(local[op->getResult(0)]);
    leaving.push_back(op->getResult(0));
  }
  OpBuilder at(members[stage].front());
  ParallelOp parallel = builder.finish(at, members[stage].front()->getLoc());
  for (auto [group, value] : llvm::enumerate(leaving))
    for (unsigned branch = 0; branch < plan.branches; ++branch)
      pieces[value].push_back(parallel.getBranchResult(group, branch));
}

void WidthsRewriter::run() {
  Block &block = func.getBody().front();
  unsigned next = 0;
  for (Operation &op : llvm::make_early_inc_range(block)) {
    auto it = plan.stages.find(&op);
    if (it != plan.stages.end()) {
      if (it->second == next)
        emitStage(next++);
      continue;
    }
    for (OpOperand &operand : op.getOpOperands())
      operand.set(getWhole(operand.get()));
  }
  for (SmallVector<Operation *> &stage : llvm::reverse(members))
    for (Operation *op : llvm::reverse(stage))
      op->erase();
  eraseDeadConstants(func);
}

void mlir::lcp::applyWidths(func::FuncOp func, const WidthPlan &plan) {
  WidthsRewriter(func, plan).run();
}

/// The plan for a function that has its final widths, and what it keeps.
static FailureOr<WidthPlan> planAssigned(func::FuncOp func,
                                         const SplitRequest &request,
                                         Operation *classifier,
                                         ChannelAssignment &assignment) {
  if (request.assignByAffinity) {
    FailureOr<WidthPlan> plan =
        planWidths(func, request.branchShares(), classifier);
    if (failed(plan))
      return failure();
    FailureOr<ChannelAssignment> found = assignChannels(func, *plan, request);
    if (failed(found))
      return failure();
    assignment = std::move(*found);
  }
  return planWidths(func, request.branchShares(), classifier,
                    assignment.divisions, request.pairLayers);
}

static void remarkOnAssignment(func::FuncOp func,
                               const ChannelAssignment &assignment) {
  if (const auto &agreement = assignment.agreement)
    func->emitRemark() << llvm::formatv(
        "assign=affinity: before training, outputs on the calibration inputs "
        "correlate with the original's by {0:F3}, with contiguous channels by "
        "{1:F3}",
        agreement->assigned, agreement->contiguous);
  const KeptWeight &kept = assignment.kept;
  auto percent = [](double share) {
    return llvm::formatv("{0:F1} %", 100 * share).str();
  };
  func->emitRemark() << "assign=affinity keeps " << percent(kept.assigned)
                     << " of squared weight within branches, where contiguous "
                        "channels keep "
                     << percent(kept.contiguous);
}

FailureOr<KeptWeight> mlir::lcp::splitWidths(ModuleOp module,
                                             const SplitRequest &request) {
  FailureOr<func::FuncOp> func = findMain(module);
  if (failed(func) || failed(checkFactor(*func, request.factor)))
    return failure();
  // What no result depends on has no part in the network, least of all the
  // classifier's.
  IRRewriter rewriter(module.getContext());
  (void)runRegionDCE(rewriter, (*func)->getRegions());
  FailureOr<Operation *> classifier = findClassifier(*func, request.classifier);
  if (failed(classifier))
    return failure();
  ChannelAssignment assignment;
  FailureOr<WidthPlan> plan = WidthPlan();
  if (request.assignByAffinity || !resizes(request))
    plan = planAssigned(*func, request, *classifier, assignment);
  if (succeeded(plan) && resizes(request)) {
    // Puts the channels of a branch side by side.
    if (failed(resizeLayers(*func, request, *classifier, assignment.divisions)))
      return failure();
    plan = planWidths(*func, request.branchShares(), *classifier,
                      ClassDivisions(), request.pairLayers);
  }
  if (failed(plan))
    return failure();
  plan->remark();
  if (plan->stages.empty())
    return func->emitError(
        "nothing to divide: the network has only its classifier");
  if (request.assignByAffinity)
    remarkOnAssignment(*func, assignment);
  applyWidths(*func, *plan);
  return assignment.kept;
}

namespace {
struct SplitWidths : mlir::lcp::impl::SplitWidthsPassBase<SplitWidths> {
  using Base::Base;

  // `--lcp-split-widths=4` as well as `factor=4`.
  LogicalResult initializeOptions(
      StringRef options,
      function_ref<LogicalResult(const Twine &)> errorHandler) override {
    std::string full = expandFactor(options);
    return Base::initializeOptions(full, errorHandler);
  }

  void runOnOperation() override {
    SplitRequest request;
    request.classifier = classifier;
    request.fattenPercent = fatten;
    request.roundFloor = round == "floor";
    request.assignByAffinity = assign == "affinity";
    request.calibrate = calibrate;
    request.trials = trials;
    request.pairLayers = cut == "column-row";
    if (failed(checkWidthOptions(getOperation(), round, fatten, assign, cut)) ||
        failed(checkCalibration(request)))
      return signalPassFailure();
    if (failed(findFactor(request)))
      return signalPassFailure();
    FailureOr<KeptWeight> kept = splitWidths(getOperation(), request);
    if (failed(kept))
      return signalPassFailure();
    recordOptions(getOperation(), *this, *createSplitWidthsPass());
    keptPercent = std::lround(100 * kept->assigned);
    keptContiguousPercent = std::lround(100 * kept->contiguous);
    getOperation().walk([&](Operation *op) {
      numStages += isa<ParallelOp>(op);
      auto merge = dyn_cast<MergeOp>(op);
      numMerges += bool(merge);
      numPairs += merge && merge.getKind() == MergeKind::Sum;
    });
  }

  LogicalResult checkCalibration(const SplitRequest &request) {
    if (request.assignByAffinity || request.calibrate.empty())
      return success();
    return getOperation().emitError("calibrate= is for assign=affinity");
  }

  LogicalResult findFactor(SplitRequest &request) {
    ModuleOp module = getOperation();
    bool automatic = factor == "auto";
    if (!device.empty() && !cluster.empty())
      return module.emitError("device= and cluster= both say what the branches "
                              "run on; give one of them");
    bool onDevices = !device.empty() || !cluster.empty();
    if (automatic && !onDevices)
      return module.emitError("factor=auto needs the device that a branch has "
                              "to fit: device=NAME, or cluster=FILE");
    if (onDevices && request.pairLayers)
      return module.emitError("device= and cluster= measure the branches of "
                              "lcp-split; with cut=column-row give a number");
    bool several = StringRef(device).contains(',') || !cluster.empty();
    if (factor.empty() && !several)
      return module.emitError("say how many branches: a number, or "
                              "factor=auto device=NAME");
    bool counted = !automatic && !factor.empty();
    if (counted && StringRef(factor).getAsInteger(10, request.factor))
      return module.emitError("factor='")
             << factor << "' is not a number of branches or auto";
    if (counted && failed(checkFactor(module, request.factor)))
      return failure();
    if (several && (request.roundFloor || merge == "sum-features"))
      return module.emitError(request.roundFloor ? "round=floor"
                                                 : "merge=sum-features")
             << " needs branches of equal width, and several devices want "
                "others; use "
             << (request.roundFloor ? "round=spread" : "another merge");
    if (!onDevices)
      return success();
    FailureOr<BranchDevices> devices =
        readBranchDevices(module, device, cluster);
    FailureOr<JoinOptions> joins =
        parseJoinOptions(module, keepEvery, keepFirst, join);
    if (failed(devices) || failed(joins) ||
        failed(checkFigures(module, devices->list, /*memory=*/true,
                            /*link=*/several, "widths cannot be chosen")))
      return failure();
    request.merge = merge;
    request.joins = *joins;
    return automatic ? chooseFactor(module, request, *devices, latencyMs)
                     : chooseWidths(module, request, *devices);
  }
};
} // namespace
