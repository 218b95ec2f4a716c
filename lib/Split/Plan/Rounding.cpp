//===- Rounding.cpp - Other widths for the layers of a network -----------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Rounding.h"
#include "Apportion.h"
#include <algorithm>

using namespace mlir;
using namespace mlir::lcp;

static constexpr int64_t kNew = LayerShardsAttr::kNew;

ChannelMap mlir::lcp::roundChannels(const SplitRequest &request,
                                    const Partition *known, int64_t units,
                                    int64_t quantum) {
  int64_t branches = request.factor;
  auto grow = [&](int64_t count) {
    return (count * (100 + request.fattenPercent) + 50) / 100;
  };
  SmallVector<int64_t> before, after;
  if (request.rounding == Rounding::Floor) {
    int64_t floor = std::max<int64_t>(1, units / branches);
    for (int64_t branch = 0; branch < branches; ++branch)
      before.push_back(std::clamp<int64_t>(units - branch * floor, 0, floor));
    after.assign(branches, grow(floor));
  } else {
    before = apportion(units, request.branchShares());
    after = apportion(grow(units), request.branchShares());
  }
  int64_t next = 0;
  ChannelMap map;
  for (auto [branch, old, all] : llvm::enumerate(before, after)) {
    ChannelList olds(next * quantum, (next + old) * quantum);
    if (known)
      olds = known->parts[branch];
    for (ChannelRange range : olds.ranges())
      for (int64_t channel = range.begin; channel < range.end; ++channel)
        map.push_back(channel);
    map.append(all * quantum - olds.size(), kNew);
    next += old;
  }
  return map;
}
