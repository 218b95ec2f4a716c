//===- LoadBalance.cpp - Widths for unlike devices -----------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "LoadBalance.h"
#include "lcp/Analysis/Cost/ModelledLatency.h"
#include "llvm/Support/FormatVariadic.h"
#include <cmath>
#include <map>
#include <numeric>

using namespace mlir;
using namespace mlir::lcp;

/// Shares are whole numbers of these in one; a branch has one at least.
static constexpr double kUnits = 10000;
/// Each is a split of the network without weights.
static constexpr unsigned kMaxTrials = 20;

std::optional<size_t>
DividedWidths::worstMisfit(ArrayRef<BranchBudget> budgets) const {
  std::optional<size_t> worst;
  double load = 1;
  for (auto [i, budget] : llvm::enumerate(budgets))
    if (double own = budget.loadOf(footprint.devices[i]); own > load) {
      load = own;
      worst = i;
    }
  return worst;
}

namespace {
/// What a branch asks for, by its share of the widths: measured at some shares,
/// on straight lines between and beyond them. Every branch sees the whole
/// input, so that which one has the share does not matter.
class CostCurve {
public:
  struct Cost {
    /// By kind of layer.
    std::array<double, ::lcp::layerKindNames.size()> macs{};
    double bytes = 0, memory = 0;
  };
  void add(double share, const DeviceFootprint &branch);
  Cost at(double share) const;

private:
  std::map<double, Cost> points;
};

class ShareSearch {
public:
  ShareSearch(ModuleOp stripped, SplitRequest request,
              ArrayRef<BranchBudget> budgets)
      : stripped(stripped), request(std::move(request)), budgets(budgets),
        limits(budgets.size(), 1.0) {}

  FailureOr<DividedWidths> run();

private:
  LogicalResult tryShares(std::vector<int64_t> shares);
  std::vector<int64_t> solve() const;
  std::vector<double> sharesBy(double seconds) const;
  double shareBy(double seconds, size_t branch) const;
  DeviceFootprint expect(double share) const;
  bool isWithin(double share, double seconds, const BranchBudget &budget) const;
  std::vector<double> score(const NetworkFootprint &footprint) const;

  ModuleOp stripped;
  SplitRequest request;
  ArrayRef<BranchBudget> budgets;
  CostCurve curve;
  /// Of each branch, what is below the shares that were found to be too much:
  /// the curve does not know how widths are rounded.
  std::vector<double> limits;
  unsigned roundTrips = 0;
  std::vector<std::vector<int64_t>> tried;
  DividedWidths best;
  std::vector<double> bestScore;
};
} // namespace

void CostCurve::add(double share, const DeviceFootprint &branch) {
  // Of branches with one share, those with a channel more count.
  Cost &cost = points[share];
  for (auto [most, own] : llvm::zip(cost.macs, branch.macs.counts))
    most = std::max(most, double(own));
  cost.bytes = std::max(cost.bytes, double(branch.bytesIn + branch.bytesOut));
  cost.memory = std::max(cost.memory, double(branch.memoryBytes()));
}

CostCurve::Cost CostCurve::at(double share) const {
  auto right = points.lower_bound(share);
  if (right == points.end())
    --right;
  if (right == points.begin() && points.size() > 1)
    ++right;
  auto left = right == points.begin() ? right : std::prev(right);
  double length = right->first - left->first;
  double part = length > 0 ? (share - left->first) / length : 0;
  auto mix = [&](double a, double b) {
    return std::max(0.0, a + part * (b - a));
  };
  const Cost &a = left->second, &b = right->second;
  Cost cost;
  for (size_t kind = 0; kind < cost.macs.size(); ++kind)
    cost.macs[kind] = mix(a.macs[kind], b.macs[kind]);
  cost.bytes = mix(a.bytes, b.bytes);
  cost.memory = mix(a.memory, b.memory);
  return cost;
}

/// Of a branch of that share, all its memory as parameters and all its traffic
/// as what it receives.
DeviceFootprint ShareSearch::expect(double share) const {
  CostCurve::Cost cost = curve.at(share);
  DeviceFootprint branch;
  for (auto [kind, macs] : llvm::enumerate(cost.macs))
    branch.macs.counts[kind] = std::llround(macs);
  branch.bytesIn = std::llround(cost.bytes);
  branch.parameterBytes = std::llround(cost.memory);
  branch.roundTrips = roundTrips;
  return branch;
}

/// Whether a branch of that share is expected to end by then, in its budget.
bool ShareSearch::isWithin(double share, double seconds,
                           const BranchBudget &budget) const {
  DeviceFootprint branch = expect(share);
  return budget.loadOf(branch) <= 1 &&
         modelTime(budget.device, branch).sum() <= seconds;
}

double ShareSearch::shareBy(double seconds, size_t branch) const {
  double low = 1 / kUnits, high = std::max(low, limits[branch]);
  if (isWithin(high, seconds, budgets[branch]))
    return high;
  while (high - low > 0.1 / kUnits) {
    double middle = (low + high) / 2;
    (isWithin(middle, seconds, budgets[branch]) ? low : high) = middle;
  }
  return low;
}

std::vector<double> ShareSearch::sharesBy(double seconds) const {
  std::vector<double> shares;
  for (size_t branch = 0; branch < budgets.size(); ++branch)
    shares.push_back(shareBy(seconds, branch));
  return shares;
}

/// By the curve, the earliest time by which all widths can be dealt with.
std::vector<int64_t> ShareSearch::solve() const {
  auto sum = [](const std::vector<double> &shares) {
    return std::accumulate(shares.begin(), shares.end(), 0.0);
  };
  DeviceFootprint all = expect(1);
  double low = 0, high = 0;
  for (const BranchBudget &budget : budgets)
    high = std::max(high, modelTime(budget.device, all).sum());
  while (high - low > 1e-5 * high) {
    double middle = (low + high) / 2;
    (sum(sharesBy(middle)) < 1 ? low : high) = middle;
  }
  std::vector<double> shares = sharesBy(high);
  std::vector<int64_t> rounded;
  for (double share : shares)
    rounded.push_back(
        std::max<int64_t>(1, std::llround(kUnits * share / sum(shares))));
  return rounded;
}

/// The smaller, the better: by how much budgets are missed, then the times of
/// the branches, the slowest first.
std::vector<double>
ShareSearch::score(const NetworkFootprint &footprint) const {
  std::vector<double> times;
  double load = 1;
  for (auto [budget, branch] : llvm::zip(budgets, footprint.devices)) {
    load = std::max(load, budget.loadOf(branch));
    times.push_back(modelTime(budget.device, branch).sum());
  }
  std::sort(times.rbegin(), times.rend());
  times.insert(times.begin(), load);
  return times;
}

LogicalResult ShareSearch::tryShares(std::vector<int64_t> shares) {
  request.shares = shares;
  FailureOr<PlannedSplit> planned = planSplit(stripped, request);
  if (failed(planned))
    return failure();
  if (!planned->plan) {
    best.tooNarrow = std::move(planned->tooNarrow->text);
    return success();
  }
  FailureOr<NetworkFootprint> footprint = measurePlan(stripped, planned->plan);
  if (failed(footprint))
    return failure();
  roundTrips = footprint->roundTrips;
  double all = std::accumulate(shares.begin(), shares.end(), 0.0);
  for (auto [i, branch] : llvm::enumerate(footprint->devices)) {
    double share = shares[i] / all;
    curve.add(share, branch);
    if (double load = budgets[i].loadOf(branch); load > 1)
      // No cost grows faster than the share's square.
      limits[i] = std::min(limits[i], share / std::sqrt(load) - 1 / kUnits);
  }
  tried.push_back(shares);
  std::vector<double> points = score(*footprint);
  if (bestScore.empty() || points < bestScore) {
    bestScore = std::move(points);
    best = {std::move(shares), std::move(*footprint), {}};
  }
  return success();
}

FailureOr<DividedWidths> ShareSearch::run() {
  size_t count = budgets.size();
  if (failed(
          tryShares(std::vector<int64_t>(count, std::llround(kUnits / count)))))
    return failure();
  if (!best.tooNarrow.empty())
    return std::move(best);
  bool alike = llvm::all_of(budgets, [&](const BranchBudget &budget) {
    return budget.device.name == budgets[0].device.name;
  });
  if (alike)
    return std::move(best);
  // Shares of 1 : 2 : 3 ... show what a share costs.
  std::vector<int64_t> next;
  for (size_t i = 0; i < count; ++i)
    next.push_back(std::max<int64_t>(
        1, std::llround(kUnits * 2 * (i + 1) / (count * (count + 1)))));
  while (tried.size() < kMaxTrials && !llvm::is_contained(tried, next)) {
    if (failed(tryShares(next)))
      return failure();
    next = solve();
  }
  return std::move(best);
}

FailureOr<DividedWidths>
mlir::lcp::balanceLoad(ModuleOp stripped, SplitRequest request,
                       ArrayRef<BranchBudget> budgets) {
  request.factor = budgets.size();
  // Affinity needs the weights, and changes no size.
  request.assignment = Assignment::Contiguous;
  return ShareSearch(stripped, std::move(request), budgets).run();
}

std::string mlir::lcp::describeShares(const DividedWidths &widths,
                                      ArrayRef<BranchBudget> budgets) {
  std::string text;
  for (auto [i, budget] : llvm::enumerate(budgets)) {
    BranchTime time = modelTime(budget.device, widths.footprint.devices[i]);
    text += llvm::formatv("{0}{1} {2:F2} % ({3})", text.empty() ? "" : ", ",
                          budget.device.name, 100 * widths.shares[i] / kUnits,
                          describeTime(time));
  }
  return text;
}
