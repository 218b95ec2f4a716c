//===- ShardByShares.cpp - Channels for every layer of a network ---------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ShardByShares.h"
#include "Apportion.h"

using namespace mlir;
using namespace mlir::lcp;

namespace {
/// Divides every layer, in proportion to shares.
class SharePolicy : public ShardingPolicy {
public:
  SharePolicy(ArrayRef<int64_t> shares, const ClassDivisions &known,
              bool pairLayers)
      : shares(shares), known(known), pairLayers(pairLayers) {}

  bool divides(Operation *) override { return true; }
  bool makesPartialSum(Operation *) override { return pairLayers; }
  std::optional<Partition> given(Value leader) override {
    auto it = known.find(leader);
    return it == known.end() ? std::nullopt : std::make_optional(it->second);
  }
  Partition divide(int64_t width, int64_t quantum) override {
    int64_t begin = 0;
    Partition partition;
    for (int64_t units : apportion(width / quantum, shares)) {
      partition.parts.emplace_back(begin, begin + units * quantum);
      begin += units * quantum;
    }
    return partition;
  }

private:
  ArrayRef<int64_t> shares;
  const ClassDivisions &known;
  bool pairLayers;
};
} // namespace

Sharding mlir::lcp::shardByShares(func::FuncOp func, ArrayRef<int64_t> shares,
                                  Operation *classifier,
                                  const ClassDivisions &given,
                                  bool pairLayers) {
  SharePolicy policy(shares, given, pairLayers);
  return propagateShards(func, shares.size(), classifier, policy);
}
