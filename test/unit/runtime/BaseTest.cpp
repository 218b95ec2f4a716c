//===- BaseTest.cpp - The planner of memory, printable text ---------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "common/base/MemoryPlan.h"
#include "common/base/Printable.h"
#include "common/base/Tensor.h"

#include <gtest/gtest.h>
#include <random>

using namespace lcp;

namespace {

TEST(MemoryPlan, NeverSharesWhatLivesAtTheSameTime) {
  std::mt19937 random(7);
  for (int round = 0; round < 50; ++round) {
    std::vector<Lifetime> lives;
    for (int i = 0; i < 40; ++i) {
      uint32_t first = random() % 20;
      lives.push_back({random() % 5000, first, first + uint32_t(random() % 6)});
    }
    Result<MemoryPlan> plan = planMemory(lives);
    ASSERT_TRUE(plan.ok());
    for (size_t i = 0; i < lives.size(); ++i) {
      EXPECT_EQ(0u, plan->offsets[i] % tensorAlignment);
      EXPECT_LE(plan->offsets[i] + lives[i].size, plan->size);
      for (size_t j = 0; j < i; ++j) {
        bool together =
            lives[i].first <= lives[j].last && lives[j].first <= lives[i].last;
        bool apart = plan->offsets[i] + lives[i].size <= plan->offsets[j] ||
                     plan->offsets[j] + lives[j].size <= plan->offsets[i];
        EXPECT_TRUE(!together || apart);
      }
    }
  }
}

TEST(MemoryPlan, ReusesMemory) {
  std::vector<Lifetime> chain;
  for (uint32_t i = 0; i < 10; ++i)
    chain.push_back({1024, i, i + 1});
  Result<MemoryPlan> plan = planMemory(chain);
  ASSERT_TRUE(plan.ok());
  EXPECT_EQ(2048u, plan->size);
}

TEST(MemoryPlan, RefusesWhatDoesNotFit) {
  std::vector<Lifetime> lives = {{uint64_t(1) << 63, 0, 0},
                                 {uint64_t(1) << 63, 0, 0}};
  EXPECT_FALSE(planMemory(lives).ok());
}

TEST(MemoryPlan, PutsTheLargestLowest) {
  const Lifetime lives[] = {{64, 0, 0}, {100, 0, 1}, {64, 1, 1}, {1, 0, 1}};
  Result<MemoryPlan> plan = planMemory(lives);
  ASSERT_TRUE(plan.ok());
  EXPECT_EQ((std::vector<uint64_t>{128, 0, 128, 192}), plan->offsets);
  EXPECT_EQ(256u, plan->size);
}

TEST(Printable, LeavesTextAndEscapesTheRest) {
  EXPECT_EQ("caf\u00e9 \u20ac \U0001f600",
            printable("caf\u00e9 \u20ac \U0001f600"));
  EXPECT_EQ("\\x0d\\x7f\\x00", printable(std::string_view("\r\x7f\0", 3)));
  EXPECT_EQ("\\xc2\\x9b", printable("\xc2\x9b")) << "a control beyond ASCII";
  EXPECT_EQ("\\xe2\\x82", printable("\xe2\x82")) << "cut off";
  EXPECT_EQ("\\xc0\\x8a", printable("\xc0\x8a")) << "a long way to say \\n";
}

} // namespace
