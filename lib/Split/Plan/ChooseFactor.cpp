//===- ChooseFactor.cpp - How far to divide -------------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ChooseFactor.h"
#include "common/devices/ModelledTime.h"
#include "lcp/Analysis/Cost/ModelledLatency.h"
#include "lcp/Analysis/Cost/StripWeights.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/Support/FormatVariadic.h"
#include <set>

using namespace mlir;
using namespace mlir::lcp;

static std::vector<BranchBudget> budgetsOf(std::vector<::lcp::Device> devices,
                                           std::optional<double> latencyMs) {
  std::vector<BranchBudget> budgets;
  std::optional<double> seconds;
  if (latencyMs)
    seconds = *latencyMs / 1000;
  for (::lcp::Device &device : devices)
    budgets.push_back({std::move(device), seconds});
  return budgets;
}

/// Of the branches of a trial, the one over its budget, or else the largest.
static std::string compareWorst(const DividedWidths &widths,
                                ArrayRef<BranchBudget> budgets,
                                bool anyNumber) {
  if (anyNumber)
    return llvm::formatv(
        "the largest of {0} branches needs {1}", budgets.size(),
        budgets[0].compare(widths.footprint.worstDevice(&budgets[0].device)));
  size_t worst = widths.worstMisfit(budgets).value_or(0);
  return llvm::formatv("of {0} branches, branch {1} on {2} needs {3}",
                       budgets.size(), worst, budgets[worst].device.name,
                       budgets[worst].compare(widths.footprint.devices[worst]));
}

/// "efficiency: measured"; of several devices, what there is.
static std::string describeEfficiency(ArrayRef<BranchBudget> budgets) {
  std::set<std::string> sources;
  for (const BranchBudget &budget : budgets)
    sources.insert(::lcp::efficiencySource(budget.device));
  return "efficiency: " + llvm::join(sources, " or ");
}

static void remarkOnEqual(ModuleOp module, const DividedWidths &widths,
                          ArrayRef<BranchBudget> budgets) {
  BranchTime slowest = modelTime(
      budgets[0].device, widths.footprint.worstDevice(&budgets[0].device));
  module.emitRemark() << budgets.size() << " equal branches on "
                      << budgets[0].device.name
                      << ", modelled ms of the slowest (compute + link; "
                      << describeEfficiency(budgets)
                      << "): " << describeTime(slowest);
}

/// The times, and the devices whose links alone take longer than all that the
/// branches with a part of the work take.
static void remarkOnShares(ModuleOp module, const DividedWidths &widths,
                           ArrayRef<BranchBudget> budgets) {
  module.emitRemark()
      << "shares of the widths, and modelled ms (compute + link; "
      << describeEfficiency(budgets)
      << "): " << describeShares(widths, budgets);
  double slowest = 0;
  std::vector<BranchTime> times;
  for (auto [i, budget] : llvm::enumerate(budgets)) {
    times.push_back(modelTime(budget.device, widths.footprint.devices[i]));
    if (widths.shares[i] > 1)
      slowest = std::max(slowest, times.back().sum());
  }
  for (auto [i, budget] : llvm::enumerate(budgets))
    if (widths.shares[i] == 1 && times[i].link.value_or(0) > slowest)
      module.emitRemark() << "branch " << i << " on " << budget.device.name
                          << " gets as little as there is: its link alone "
                             "takes longer than the others; leave it out";
}

LogicalResult mlir::lcp::chooseFactor(ModuleOp module, SplitRequest &request,
                                      const BranchDevices &devices,
                                      double latencyMs) {
  if (!(latencyMs > 0 && latencyMs <= 1e9))
    return module.emitError("latency-ms must be from above 0 to 1e9");
  OwningOpRef<ModuleOp> stripped = stripWeights(module);
  int64_t most =
      devices.anyNumber ? PlanAttr::kMaxBranches : devices.list.size();
  std::string tried, tooNarrow;
  for (int64_t factor = 1; factor <= most;
       factor = devices.anyNumber ? 2 * factor : factor + 1) {
    std::vector<BranchBudget> budgets =
        budgetsOf(devices.first(factor), latencyMs);
    auto widths = balanceLoad(*stripped, request, budgets);
    if (failed(widths))
      return failure();
    tooNarrow = widths->tooNarrow;
    if (!tooNarrow.empty())
      break;
    tried = compareWorst(*widths, budgets, devices.anyNumber);
    if (widths->worstMisfit(budgets))
      continue;
    request.factor = factor;
    if (devices.anyNumber) {
      module.emitRemark() << "factor=auto is " << factor << ": on "
                          << budgets[0].device.name << ' ' << tried;
      return success();
    }
    request.shares = widths->shares;
    module.emitRemark() << "factor=auto is " << factor << " of " << most
                        << " devices, each branch within its device's budget";
    remarkOnShares(module, *widths, budgets);
    return success();
  }
  if (tried.empty())
    return module.emitError(tooNarrow);
  char limit[32];
  std::snprintf(limit, sizeof(limit), "%g", latencyMs);
  return module.emitError()
         << "no factor makes a branch fit " << devices.source << " in " << limit
         << " ms: " << tried << (tooNarrow.empty() ? "" : "; ") << tooNarrow;
}

LogicalResult mlir::lcp::chooseShares(ModuleOp module, SplitRequest &request,
                                      const BranchDevices &devices) {
  int64_t count = devices.list.size();
  if (request.factor == 0)
    request.factor = count;
  if (devices.fromCluster && request.factor > count)
    return module.emitError()
           << devices.source << " has " << count << " workers, too few for "
           << request.factor << " branches";
  if (!devices.fromCluster && !devices.anyNumber && request.factor != count)
    return module.emitError()
           << "device= names " << count << " devices, for " << request.factor
           << " branches; name one a branch, or one for all";
  std::vector<BranchBudget> budgets =
      budgetsOf(devices.first(request.factor), std::nullopt);
  auto widths = balanceLoad(*stripWeights(module), request, budgets);
  if (failed(widths))
    return failure();
  if (!widths->tooNarrow.empty())
    return module.emitError(widths->tooNarrow);
  if (widths->worstMisfit(budgets))
    return module.emitError()
           << "no shares of the widths make every branch fit its device: "
           << compareWorst(*widths, budgets, devices.anyNumber);
  request.shares = widths->shares;
  if (devices.anyNumber)
    remarkOnEqual(module, *widths, budgets);
  else
    remarkOnShares(module, *widths, budgets);
  return success();
}
