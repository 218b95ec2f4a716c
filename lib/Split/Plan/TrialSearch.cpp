//===- TrialSearch.cpp - Better groups by trial ---------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TrialSearch.h"
#include <algorithm>
#include <random>

using namespace mlir::lcp;

static constexpr uint64_t kSeed = 20;
/// Units of a class that the first trial exchanges, of a hundred; the last
/// exchanges one pair.
static constexpr unsigned kFirstPercent = 10;

namespace {
class TrialSearch {
public:
  TrialSearch(const PartitionProblem &problem);

  /// The classes with units that can change places.
  std::vector<unsigned> free;
  void exchange(std::vector<unsigned> &parts);

private:
  // Not a distribution of the standard library: they differ between platforms.
  unsigned draw(size_t count) { return unsigned(random() % count); }

  std::mt19937_64 random{kSeed};
};
} // namespace

TrialSearch::TrialSearch(const PartitionProblem &problem) {
  for (unsigned index = 0; index < problem.classes.size(); ++index) {
    const PartitionProblem::Class &units = problem.classes[index];
    auto held = [](unsigned size) { return size > 0; };
    if (!units.fixed &&
        std::count_if(units.sizes.begin(), units.sizes.end(), held) > 1)
      free.push_back(index);
  }
}

/// One unit with one of another part.
void TrialSearch::exchange(std::vector<unsigned> &parts) {
  unsigned unit = draw(parts.size());
  std::vector<unsigned> others;
  for (unsigned other = 0; other < parts.size(); ++other)
    if (parts[other] != parts[unit])
      others.push_back(other);
  std::swap(parts[unit], parts[others[draw(others.size())]]);
}

std::optional<TrialResult>
mlir::lcp::divideByTrials(const PartitionProblem &problem,
                          const PartOfUnit &start, unsigned trials,
                          const DivisionScore &score) {
  PartOfUnit inOrder = divideInOrder(problem);
  std::optional<double> first = score(inOrder), other = score(start);
  if (!first || !other)
    return std::nullopt;
  TrialResult result{*first >= *other ? inOrder : start, *first,
                     std::max(*first, *other)};
  TrialSearch search(problem);
  if (search.free.empty())
    return result;
  for (unsigned trial = 0; trial < trials; ++trial) {
    PartOfUnit parts = result.parts;
    std::vector<unsigned> &chosen =
        parts[search.free[trial % search.free.size()]];
    uint64_t pairs = uint64_t(chosen.size()) * kFirstPercent *
                     (trials - trial) / (100 * uint64_t(trials));
    for (uint64_t pair = 0; pair < std::max<uint64_t>(1, pairs); ++pair)
      search.exchange(chosen);
    std::optional<double> reached = score(parts);
    if (!reached)
      return std::nullopt;
    if (*reached > result.best)
      result = {std::move(parts), result.inOrder, *reached};
  }
  return result;
}
