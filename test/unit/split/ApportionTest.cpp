//===- ApportionTest.cpp - Webster's method, and one for each -------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Split/Plan/Apportion.h"
#include <gtest/gtest.h>
#include <numeric>
#include <random>

using mlir::lcp::apportion;

namespace {

std::vector<int64_t> parts(int64_t units, const std::vector<int64_t> &shares) {
  llvm::SmallVector<int64_t> found = apportion(units, shares);
  return {found.begin(), found.end()};
}

TEST(Apportion, EqualSharesDifferByAtMostOneTheLargerFirst) {
  for (int64_t branches = 1; branches <= 9; ++branches)
    for (int64_t units = branches; units <= 40; ++units) {
      std::vector<int64_t> expected;
      for (int64_t branch = 0; branch < branches; ++branch)
        expected.push_back(units / branches + (branch < units % branches));
      EXPECT_EQ(parts(units, std::vector<int64_t>(branches, 1)), expected);
      EXPECT_EQ(parts(units, std::vector<int64_t>(branches, 3333)), expected);
    }
}

// Sainte-Lague's table of quotients for votes of 53, 24 and 23 and seven seats:
// 53, 24, 23, 17.7, 10.6, 8, 7.7.
TEST(Apportion, FollowsTheQuotients) {
  EXPECT_EQ(parts(7, {53, 24, 23}), (std::vector<int64_t>{3, 2, 2}));
  EXPECT_EQ(parts(10, {53, 24, 23}), (std::vector<int64_t>{6, 2, 2}));
}

TEST(Apportion, EveryPartHasOneFirst) {
  EXPECT_EQ(parts(4, {1000000, 1, 1}), (std::vector<int64_t>{2, 1, 1}));
  EXPECT_EQ(parts(3, {1, 1000000, 1}), (std::vector<int64_t>{1, 1, 1}));
  EXPECT_EQ(parts(2, {5, 9, 5, 5}), (std::vector<int64_t>{1, 1, 0, 0}));
  EXPECT_EQ(parts(0, {5, 9}), (std::vector<int64_t>{0, 0}));
}

// What largest remainders do not have (the Alabama paradox).
TEST(Apportion, NoPartShrinksWhenThereIsMoreToDivide) {
  std::mt19937 engine(7);
  for (int trial = 0; trial < 200; ++trial) {
    std::vector<int64_t> shares(2 + engine() % 7);
    for (int64_t &share : shares)
      share = 1 + engine() % 10000;
    int64_t all = std::accumulate(shares.begin(), shares.end(), int64_t(0));
    std::vector<int64_t> before(shares.size(), 0);
    for (int64_t units = 1; units <= 300; ++units) {
      std::vector<int64_t> now = parts(units, shares);
      EXPECT_EQ(std::accumulate(now.begin(), now.end(), int64_t(0)), units);
      for (size_t i = 0; i < shares.size(); ++i) {
        EXPECT_GE(now[i], before[i]);
        if (units >= int64_t(shares.size()))
          EXPECT_GE(now[i], 1);
      }
      before = now;
    }
    EXPECT_EQ(parts(all, shares), shares);
  }
}

} // namespace
