//===- BalanceStages.cpp - Where to cut a chain of ops --------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "BalanceStages.h"
#include <algorithm>
#include <limits>

using namespace mlir::lcp;

namespace {
constexpr int64_t kNever = std::numeric_limits<int64_t>::max();

/// MACs, layers and bytes of every run [begin, end) of a chain.
class Runs {
public:
  explicit Runs(const OpChain &chain);

  unsigned size() const { return numOps; }
  bool hasLayer(unsigned begin, unsigned end) const {
    return layers[end] > layers[begin];
  }
  int64_t macs(unsigned begin, unsigned end) const {
    return macsBefore[end] - macsBefore[begin];
  }
  /// That it receives and sends.
  int64_t bytes(unsigned begin, unsigned end) const {
    return traffic[size_t(begin) * (numOps + 1) + end];
  }

private:
  void addReceived(const OpChain &chain);
  void addSent(const OpChain &chain);
  int64_t &at(unsigned begin, unsigned end) {
    return traffic[size_t(begin) * (numOps + 1) + end];
  }

  unsigned numOps;
  std::vector<int64_t> macsBefore, layers, traffic;
};
} // namespace

Runs::Runs(const OpChain &chain)
    : numOps(chain.ops.size()), macsBefore{0}, layers{0},
      traffic(size_t(numOps) * (numOps + 1)) {
  for (const OpChain::Op &op : chain.ops) {
    macsBefore.push_back(macsBefore.back() + op.macs);
    layers.push_back(layers.back() + op.isLayer);
  }
  addReceived(chain);
  addSent(chain);
}

/// A longer run receives what a shorter one does, and what its last op is the
/// first in it to read.
void Runs::addReceived(const OpChain &chain) {
  for (unsigned begin = 0; begin < numOps; ++begin) {
    std::vector<bool> received(chain.values.size());
    int64_t bytes = 0;
    for (unsigned end = begin; end < numOps; ++end) {
      for (unsigned value : chain.ops[end].reads)
        if (chain.values[value].producer < int(begin) && !received[value]) {
          received[value] = true;
          bytes += chain.values[value].bytes;
        }
      at(begin, end + 1) += bytes;
    }
  }
}

void Runs::addSent(const OpChain &chain) {
  for (unsigned end = 1; end <= numOps; ++end) {
    int64_t bytes = 0;
    for (unsigned begin = end; begin-- > 0;) {
      for (unsigned value : chain.ops[begin].makes)
        if (chain.values[value].lastReader >= int(end))
          bytes += chain.values[value].bytes;
      at(begin, end) += bytes;
    }
  }
}

/// The cut that `add(cost so far, begin, end)` makes cheapest, the earliest of
/// equals; a run costs kNever where it may not be.
template <typename Add>
static std::pair<int64_t, std::vector<unsigned>>
cheapestCut(const Runs &runs, unsigned stages, Add add) {
  const unsigned size = runs.size();
  // By the number of ops that are in stages already.
  std::vector<int64_t> cost(size + 1, kNever);
  cost[0] = 0;
  std::vector<std::vector<unsigned>> begins;
  for (unsigned stage = 0; stage < stages; ++stage) {
    std::vector<int64_t> next(size + 1, kNever);
    std::vector<unsigned> &begin = begins.emplace_back(size + 1, 0);
    for (unsigned from = 0; from < size; ++from)
      for (unsigned to = from + 1; cost[from] != kNever && to <= size; ++to) {
        int64_t sum =
            runs.hasLayer(from, to) ? add(cost[from], from, to) : kNever;
        if (sum < next[to]) {
          next[to] = sum;
          begin[to] = from;
        }
      }
    cost = std::move(next);
  }
  std::vector<unsigned> first(stages);
  unsigned end = size;
  for (unsigned stage = stages; stage-- > 0;)
    end = first[stage] = begins[stage][end];
  return {cost[size], std::move(first)};
}

std::vector<unsigned> mlir::lcp::balanceStages(const OpChain &chain,
                                               unsigned stages) {
  Runs runs(chain);
  // Two passes, because the cheapest way to a cut is not the way to the
  // cheapest whole when a later run is the largest.
  int64_t most = cheapestCut(runs, stages,
                             [&](int64_t cost, unsigned begin, unsigned end) {
                               return std::max(cost, runs.macs(begin, end));
                             })
                     .first;
  return cheapestCut(runs, stages,
                     [&](int64_t cost, unsigned begin, unsigned end) {
                       return runs.macs(begin, end) > most
                                  ? kNever
                                  : cost + runs.bytes(begin, end);
                     })
      .second;
}
