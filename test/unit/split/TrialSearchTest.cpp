//===- TrialSearchTest.cpp - Better groups by trial -----------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Split/Plan/TrialSearch.h"
#include "gtest/gtest.h"
#include <algorithm>

using namespace mlir::lcp;

namespace {
/// Two classes of eight units, two parts.
PartitionProblem makeProblem() {
  PartitionProblem problem;
  problem.classes = {{{4, 4}, false}, {{5, 3}, false}};
  return problem;
}

/// How many units are with the even ones in part 0.
double countEven(const PartOfUnit &parts) {
  double sum = 0;
  for (const std::vector<unsigned> &units : parts)
    for (unsigned unit = 0; unit < units.size(); ++unit)
      sum += units[unit] == unit % 2;
  return sum;
}

TEST(TrialSearch, FindsWhatTheScoreAsksForAndKeepsSizes) {
  PartitionProblem problem = makeProblem();
  auto found = divideByTrials(problem, divideInOrder(problem), 100, countEven);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->inOrder, 9);
  // Five places in part 0 for four even units.
  EXPECT_EQ(found->best, 15);
  EXPECT_EQ(countEven(found->parts), found->best);
  for (unsigned index = 0; index < 2; ++index)
    EXPECT_EQ(unsigned(std::count(found->parts[index].begin(),
                                  found->parts[index].end(), 0u)),
              problem.classes[index].sizes[0]);
}

TEST(TrialSearch, StartsFromTheBetterOfTwo) {
  PartitionProblem problem = makeProblem();
  PartOfUnit given = divideInOrder(problem);
  std::reverse(given[0].begin(), given[0].end());
  auto likes = [](const PartOfUnit &wanted) {
    return [wanted](const PartOfUnit &parts) -> std::optional<double> {
      return parts == wanted ? 1 : 0;
    };
  };
  EXPECT_EQ(divideByTrials(problem, given, 0, likes(given))->parts, given);
  PartOfUnit inOrder = divideInOrder(problem);
  EXPECT_EQ(divideByTrials(problem, given, 0, likes(inOrder))->parts, inOrder);
}

TEST(TrialSearch, LeavesFixedClassesInOrder) {
  PartitionProblem problem = makeProblem();
  problem.classes[0].fixed = true;
  auto found = divideByTrials(problem, divideInOrder(problem), 100, countEven);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->parts[0], divideInOrder(problem)[0]);
  EXPECT_EQ(found->best, 4 + 7);
}

TEST(TrialSearch, HasNothingToExchangeInOnePart) {
  PartitionProblem problem;
  problem.classes = {{{4}, false}};
  unsigned asked = 0;
  auto count = [&](const PartOfUnit &) {
    return std::optional<double>(++asked);
  };
  ASSERT_TRUE(divideByTrials(problem, divideInOrder(problem), 100, count));
  EXPECT_EQ(asked, 2u);
}

TEST(TrialSearch, EndsWhereNoScoreIsGiven) {
  PartitionProblem problem = makeProblem();
  unsigned asked = 0;
  auto fail = [&](const PartOfUnit &) {
    return ++asked < 5 ? std::optional<double>(0) : std::nullopt;
  };
  EXPECT_FALSE(divideByTrials(problem, divideInOrder(problem), 100, fail));
  EXPECT_EQ(asked, 5u);
}
} // namespace
