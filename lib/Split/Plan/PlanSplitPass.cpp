//===- PlanSplitPass.cpp - lcp-plan-split and its options -----------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ChooseFactor.h"
#include "lcp/Analysis/Cost/StripWeights.h"
#include "lcp/Split/Passes.h"
#include "lcp/Split/Plan/PlanSplit.h"
#include "lcp/Split/Sharding/Factor.h"
#include "lcp/Split/Sharding/Network.h"
#include "lcp/Split/Transforms/Rewrites.h"
#include "llvm/Support/MemoryBuffer.h"
#include <cmath>

namespace mlir::lcp {
#define GEN_PASS_DEF_PLANSPLITPASS
#include "lcp/Split/Passes.h.inc"
} // namespace mlir::lcp

using namespace mlir;
using namespace mlir::lcp;

namespace {
struct PlanSplit : mlir::lcp::impl::PlanSplitPassBase<PlanSplit> {
  using Base::Base;
  PlanSplit(PlanSplitPassOptions options, OpenOutputJudge openJudge)
      : Base(std::move(options)), openJudge(std::move(openJudge)) {}

  // `--lcp-plan-split=4` as well as `factor=4`.
  LogicalResult initializeOptions(
      StringRef text,
      function_ref<LogicalResult(const Twine &)> errorHandler) override {
    return Base::initializeOptions(
        expandFactor(text), [&](const Twine &problem) {
          // LLVM has said already what is wrong with a value.
          return problem.isTriviallyEmpty() || problem.str().empty()
                     ? failure()
                     : errorHandler(problem);
        });
  }

  void runOnOperation() override {
    FailureOr<PlanAttr> plan = planFile.empty() ? decide() : readPlan();
    if (failed(plan))
      return signalPassFailure();
    getOperation()->setAttr(kPlanAttr, *plan);
  }

private:
  FailureOr<PlanAttr> readPlan();
  LogicalResult checkPlan(PlanAttr plan);
  FailureOr<PlanAttr> decide();
  LogicalResult checkOptions();
  LogicalResult checkDeviceOptions();
  LogicalResult readFactor(int64_t &number);
  LogicalResult divideByDevices(SplitRequest &request);

  bool onDevices() const { return !device.empty() || !cluster.empty(); }
  bool onSeveral() const {
    return StringRef(device).contains(',') || !cluster.empty();
  }

  /// An option counts as given if it differs from these. hasValue would not do:
  /// a pipeline that MLIR prints names every option.
  const PlanSplitPassOptions defaults{};
  OpenOutputJudge openJudge;
};
} // namespace

FailureOr<PlanAttr> PlanSplit::readPlan() {
  ModuleOp module = getOperation();
  if (failed(findWholeMain(module)))
    return failure();
  if (!factor.empty() || onDevices() || round != defaults.round ||
      fatten != defaults.fatten || assign != defaults.assign ||
      !calibrate.empty() || trials != defaults.trials || cut != defaults.cut ||
      merge != defaults.merge || keepEvery != defaults.keepEvery ||
      keepFirst != defaults.keepFirst || join != defaults.join ||
      !classifier.empty() || latencyMs != defaults.latencyMs)
    return module.emitError("plan= says how the network is divided; leave out "
                            "the other options");
  auto file = llvm::MemoryBuffer::getFile(planFile, /*IsText=*/true);
  if (!file)
    return module.emitError("cannot read the plan '")
           << planFile << "': " << file.getError().message();
  PlanAttr plan = parsePlan((*file)->getBuffer(), &getContext(), [&] {
    return module.emitError("'") << planFile << "': ";
  });
  if (!plan || failed(checkPlan(plan)))
    return failure();
  return plan;
}

/// Reports what is wrong with a plan from outside here, where its file is
/// known: devices that there are not, and what lcp-split-widths would say.
LogicalResult PlanSplit::checkPlan(PlanAttr plan) {
  ScopedDiagnosticHandler nameFile(&getContext(), [&](Diagnostic &diagnostic) {
    diagnostic.attachNote() << "in the plan '" << planFile << "'";
    return failure(); // not handled: others print it
  });
  ModuleOp module = getOperation();
  auto names = llvm::map_to_vector(plan.getDevices(),
                                   [](StringAttr name) { return name.str(); });
  if (failed(findDevices(module, names)))
    return failure();
  return splitWidths(*stripWeights(module), plan);
}

FailureOr<PlanAttr> PlanSplit::decide() {
  ModuleOp module = getOperation();
  SplitRequest request;
  request.rounding = round;
  request.fattenPercent = fatten;
  request.assignment = assign;
  request.calibrate = calibrate;
  request.trials = trials;
  request.style = cut;
  request.merge = merge;
  request.joins = {keepEvery, keepFirst, join};
  request.classifier = classifier;
  request.openJudge = openJudge;
  if (failed(checkOptions()) || failed(checkDeviceOptions()) ||
      failed(readFactor(request.factor)) ||
      (onDevices() && failed(divideByDevices(request))))
    return failure();
  FailureOr<PlannedSplit> planned = planSplit(module, request);
  if (failed(planned))
    return failure();
  if (!planned->plan)
    return emitError(planned->tooNarrow->loc) << planned->tooNarrow->text;
  for (const auto &[loc, text] : planned->remarks)
    emitRemark(loc) << text;
  keptPercent = std::lround(100 * planned->kept.assigned);
  keptContiguousPercent = std::lround(100 * planned->kept.contiguous);
  return planned->plan;
}

LogicalResult PlanSplit::checkOptions() {
  ModuleOp module = getOperation();
  if (fatten < 0 || fatten > 1000)
    return module.emitError("fatten must be a percentage from 0 to 1000, not ")
           << fatten.getValue();
  bool affinity = assign == Assignment::Affinity;
  if (affinity && round == Rounding::Floor)
    return module.emitError("assign=affinity chooses among all channels of a "
                            "layer, and round=floor drops some; use "
                            "round=spread");
  if (!affinity && !calibrate.empty())
    return module.emitError("calibrate= is for assign=affinity");
  if (calibrate.empty() && trials != defaults.trials)
    return module.emitError("trials= is for calibrate=");
  if (keepEvery < 0 || keepFirst < 0)
    return module.emitError("keep-every and keep-first must be 0 (no joins) or "
                            "more, not ")
           << std::min<int64_t>(keepEvery, keepFirst);
  if (merge == MergeChoice::Auto && cut == ParallelStyle::ColumnRow)
    return module.emitError("merge=auto measures branches without connections "
                            "between them, which cut=column-row keeps; leave "
                            "out one of the two");
  if (join == JoinKind::Shuffle && keepEvery == 0 && keepFirst == 0)
    return module.emitError("join=shuffle says how a join is kept; say which, "
                            "by keep-every or keep-first");
  return success();
}

LogicalResult PlanSplit::checkDeviceOptions() {
  ModuleOp module = getOperation();
  if (!device.empty() && !cluster.empty())
    return module.emitError("device= and cluster= both say what the branches "
                            "run on; give one of them");
  if (factor != "auto" && latencyMs != defaults.latencyMs)
    return module.emitError("latency-ms= is for factor=auto");
  if (onDevices() && cut == ParallelStyle::ColumnRow)
    return module.emitError("device= and cluster= measure branches without "
                            "connections between them, which cut=column-row "
                            "keeps; give a number of branches instead");
  bool floor = round == Rounding::Floor;
  if (onSeveral() && (floor || merge == MergeChoice::SumFeatures))
    return module.emitError(floor ? "round=floor" : "merge=sum-features")
           << " needs branches of equal width, and several devices want "
              "others; use "
           << (floor ? "round=spread" : "another merge");
  return success();
}

/// Leaves 0 where the devices decide.
LogicalResult PlanSplit::readFactor(int64_t &number) {
  ModuleOp module = getOperation();
  if (factor == "auto")
    return onDevices()
               ? success()
               : module.emitError("factor=auto needs the device that a branch "
                                  "has to fit: device=NAME, or cluster=FILE");
  if (factor.empty())
    return onSeveral() ? success()
                       : module.emitError("say how many branches: a number, or "
                                          "factor=auto device=NAME");
  if (StringRef(factor).getAsInteger(10, number))
    return module.emitError("factor='")
           << factor << "' is not a number of branches or auto";
  return checkFactor(module, number);
}

/// The number of branches and their shares, by what they run on.
LogicalResult PlanSplit::divideByDevices(SplitRequest &request) {
  ModuleOp module = getOperation();
  FailureOr<BranchDevices> devices = readBranchDevices(module, device, cluster);
  if (failed(devices) ||
      failed(checkFigures(module, devices->list, /*memory=*/true,
                          /*link=*/onSeveral(), "widths cannot be chosen")))
    return failure();
  if (failed(factor == "auto"
                 ? chooseFactor(module, request, *devices, latencyMs)
                 : chooseShares(module, request, *devices)))
    return failure();
  for (const ::lcp::Device &each :
       devices->first(devices->anyNumber ? 1 : request.factor))
    request.devices.push_back(each.name);
  return success();
}

std::unique_ptr<Pass>
mlir::lcp::createPlanSplitPass(PlanSplitPassOptions options,
                               OpenOutputJudge openJudge) {
  return std::make_unique<PlanSplit>(std::move(options), std::move(openJudge));
}
