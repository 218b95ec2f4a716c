//===- BalanceStagesTest.cpp - Cuts against every other cut ---------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Split/Transforms/BalanceStages.h"
#include <algorithm>
#include <gtest/gtest.h>
#include <numeric>
#include <random>
#include <set>

using namespace mlir::lcp;

namespace {
using Cut = std::vector<unsigned>;

/// What a cut costs, counted from its meaning: the largest run's MACs, then the
/// bytes that all runs send and receive.
std::pair<int64_t, int64_t> costOf(const OpChain &chain, const Cut &first) {
  auto runOf = [&](int op) {
    return std::upper_bound(first.begin(), first.end(), unsigned(op)) -
           first.begin();
  };
  std::vector<int64_t> macs(first.size() + 1);
  std::vector<std::set<long>> readers(chain.values.size());
  for (size_t op = 0; op < chain.ops.size(); ++op) {
    macs[runOf(int(op))] += chain.ops[op].macs;
    for (unsigned value : chain.ops[op].reads)
      readers[value].insert(runOf(int(op)));
  }
  int64_t bytes = 0;
  for (size_t v = 0; v < chain.values.size(); ++v) {
    const OpChain::Value &value = chain.values[v];
    bool made = value.producer >= 0;
    std::set<long> &others = readers[v];
    if (made)
      others.erase(runOf(value.producer));
    bool leaves =
        made && (!others.empty() || value.lastReader == int(chain.ops.size()));
    bytes += value.bytes * int64_t(others.size() + leaves);
  }
  return {*std::max_element(macs.begin(), macs.end()), bytes};
}

bool everyRunHasALayer(const OpChain &chain, const Cut &first) {
  for (size_t run = 0; run < first.size(); ++run) {
    auto begin = chain.ops.begin() + first[run];
    auto end = run + 1 < first.size() ? chain.ops.begin() + first[run + 1]
                                      : chain.ops.end();
    if (std::none_of(begin, end, [](const auto &op) { return op.isLayer; }))
      return false;
  }
  return true;
}

/// The least that any cut costs.
std::pair<int64_t, int64_t> leastCost(const OpChain &chain, unsigned stages) {
  std::pair<int64_t, int64_t> least(INT64_MAX, INT64_MAX);
  std::vector<bool> begins(chain.ops.size());
  std::fill(begins.end() - (stages - 1), begins.end(), true);
  // The first op always begins a run.
  do {
    if (stages > 1 && begins[0])
      continue;
    Cut first = {0};
    for (unsigned op = 1; op < begins.size(); ++op)
      if (begins[op])
        first.push_back(op);
    if (first.size() == stages && everyRunHasALayer(chain, first))
      least = std::min(least, costOf(chain, first));
  } while (std::next_permutation(begins.begin(), begins.end()));
  return least;
}

/// A network with residuals: each op reads the value before it and maybe an
/// older one, and makes one or two values.
OpChain randomChain(std::mt19937 &random, unsigned numOps) {
  auto below = [&](unsigned n) { return unsigned(random() % n); };
  OpChain chain;
  chain.values.push_back({1 + below(9), -1, -1});
  for (unsigned i = 0; i < numOps; ++i) {
    OpChain::Op op;
    op.isLayer = below(3) != 0;
    op.macs = op.isLayer ? below(6) : 0;
    std::set<unsigned> reads = {unsigned(chain.values.size()) - 1};
    if (below(3) == 0)
      reads.insert(below(unsigned(chain.values.size())));
    for (unsigned value : reads) {
      op.reads.push_back(value);
      chain.values[value].lastReader = int(i);
    }
    for (unsigned results = below(5) == 0 ? 2 : 1; results > 0; --results) {
      op.makes.push_back(unsigned(chain.values.size()));
      chain.values.push_back({1 + below(9), int(i), -1});
    }
    chain.ops.push_back(std::move(op));
  }
  chain.values.back().lastReader = int(numOps);
  return chain;
}
} // namespace

TEST(BalanceStages, NoCutIsBetter) {
  std::mt19937 random(1);
  unsigned compared = 0;
  for (unsigned trial = 0; trial < 300; ++trial) {
    OpChain chain = randomChain(random, 3 + random() % 9);
    unsigned layers = std::count_if(chain.ops.begin(), chain.ops.end(),
                                    [](const auto &op) { return op.isLayer; });
    for (unsigned stages = 1; stages <= std::min(layers, 5u); ++stages) {
      Cut first = balanceStages(chain, stages);
      ASSERT_EQ(stages, first.size());
      ASSERT_EQ(0u, first[0]);
      ASSERT_TRUE(everyRunHasALayer(chain, first));
      ASSERT_EQ(leastCost(chain, stages), costOf(chain, first))
          << "trial " << trial << ", " << stages << " stages";
      ++compared;
    }
  }
  EXPECT_GT(compared, 1000u);
}

// Layers of 5, 1, 1 and 4 MACs: of two stages the larger has at least 6, with
// the cut behind the first layer or the second; 9 bytes or 2 cross it. Of three
// none has more than 5 with the second cut before the third layer or the last.
TEST(BalanceStages, BalancesFirstAndThenSendsLess) {
  OpChain chain;
  const int64_t macs[] = {5, 1, 1, 4}, bytes[] = {1, 9, 2, 1, 1};
  for (int i = 0; i < 4; ++i) {
    chain.ops.push_back({macs[i], true, {unsigned(i)}, {unsigned(i) + 1}});
    chain.values.push_back({bytes[i], i - 1, i});
  }
  chain.values.push_back({bytes[4], 3, 4});
  EXPECT_EQ((Cut{0, 2}), balanceStages(chain, 2));
  EXPECT_EQ((Cut{0, 1, 3}), balanceStages(chain, 3));
  chain.ops[3].macs = 3;
  EXPECT_EQ((Cut{0, 1}), balanceStages(chain, 2));
}
