//===- SplitWidths.cpp - Output channels over branches, exactly -----------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lcp/Split/Transforms/ApplyWidths.h"
#include "AssignChannels.h"
#include "ChooseFactor.h"
#include "lcp/Split/Sharding/Joins.h"
#include "lcp/Split/Plan/Options.h"
#include "lcp/Split/Sharding/ResizeShards.h"
#include "lcp/Split/Passes.h"
#include "lcp/Split/Split.h"
#include "llvm/Support/FormatVariadic.h"

namespace mlir::lcp {
#define GEN_PASS_DEF_SPLITWIDTHSPASS
#include "lcp/Split/Passes.h.inc"
} // namespace mlir::lcp

using namespace mlir;
using namespace mlir::lcp;

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
  FailureOr<func::FuncOp> func = findWholeMain(module);
  if (failed(func) || failed(checkFactor(*func, request.factor)))
    return failure();
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
        failed(checkCalibration(request)) ||
        failed(checkDeviceOptions(request)) ||
        failed(readFactor(request.factor)) ||
        (onDevices() && failed(divideByDevices(request))))
      return signalPassFailure();
    FailureOr<KeptWeight> kept = splitWidths(getOperation(), request);
    if (failed(kept))
      return signalPassFailure();
    recordPass(getOperation(), *this, *createSplitWidthsPass());
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
    if (!request.assignByAffinity && !request.calibrate.empty())
      return getOperation().emitError("calibrate= is for assign=affinity");
    if (request.calibrate.empty() && trials != defaults.trials)
      return getOperation().emitError("trials= is for calibrate=");
    return success();
  }

  /// An option counts as given if it differs from these. hasValue would not do:
  /// a pipeline that MLIR prints names every option.
  const SplitWidthsPassOptions defaults{};

  bool onDevices() const { return !device.empty() || !cluster.empty(); }
  bool onSeveral() const {
    return StringRef(device).contains(',') || !cluster.empty();
  }

  LogicalResult checkDeviceOptions(const SplitRequest &request) {
    ModuleOp module = getOperation();
    if (!device.empty() && !cluster.empty())
      return module.emitError("device= and cluster= both say what the branches "
                              "run on; give one of them");
    if (factor != "auto" && latencyMs != defaults.latencyMs)
      return module.emitError("latency-ms= is for factor=auto");
    if (onDevices() && request.pairLayers)
      return module.emitError("device= and cluster= measure the branches of "
                              "lcp-split; with cut=column-row give a number");
    if (onSeveral() && (request.roundFloor || merge == "sum-features"))
      return module.emitError(request.roundFloor ? "round=floor"
                                                 : "merge=sum-features")
             << " needs branches of equal width, and several devices want "
                "others; use "
             << (request.roundFloor ? "round=spread" : "another merge");
    return success();
  }

  /// Leaves 0 where the devices decide.
  LogicalResult readFactor(int64_t &number) {
    ModuleOp module = getOperation();
    if (factor == "auto")
      return onDevices()
                 ? success()
                 : module.emitError("factor=auto needs the device that a "
                                    "branch has to fit: device=NAME, or "
                                    "cluster=FILE");
    if (factor.empty())
      return onSeveral() ? success()
                         : module.emitError("say how many branches: a number, "
                                            "or factor=auto device=NAME");
    if (StringRef(factor).getAsInteger(10, number))
      return module.emitError("factor='")
             << factor << "' is not a number of branches or auto";
    return checkFactor(module, number);
  }

  /// The number of branches and their shares, by what they run on.
  LogicalResult divideByDevices(SplitRequest &request) {
    ModuleOp module = getOperation();
    FailureOr<BranchDevices> devices =
        readBranchDevices(module, device, cluster);
    FailureOr<JoinOptions> joins =
        parseJoinOptions(module, keepEvery, keepFirst, join);
    if (failed(devices) || failed(joins) ||
        failed(checkFigures(module, devices->list, /*memory=*/true,
                            /*link=*/onSeveral(), "widths cannot be chosen")))
      return failure();
    request.merge = merge;
    request.joins = *joins;
    return factor == "auto" ? chooseFactor(module, request, *devices, latencyMs)
                            : chooseWidths(module, request, *devices);
  }
};
} // namespace
