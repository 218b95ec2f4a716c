//===- WritePlan.cpp - A sharding as an attribute -------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "WritePlan.h"
#include "lcp/Split/Sharding/LayerNames.h"

using namespace mlir;
using namespace mlir::lcp;

using Channels = SmallVector<int64_t>;

static LayerShardsAttr writeDivided(StringRef name, const Partition &partition,
                                    ArrayRef<int64_t> old,
                                    MLIRContext *context) {
  Channels widths, channels;
  for (const ChannelList &part : partition.parts) {
    widths.push_back(part.size());
    for (ChannelRange range : part.ranges())
      for (int64_t channel = range.begin; channel < range.end; ++channel)
        channels.push_back(old.empty() ? channel : old[channel]);
  }
  return LayerShardsAttr::get(context, name, /*partialSum=*/false, widths,
                              channels);
}

static LayerShardsAttr writePartialSum(StringRef name, ArrayRef<int64_t> old,
                                       MLIRContext *context) {
  Channels widths;
  if (!old.empty())
    widths.push_back(old.size());
  return LayerShardsAttr::get(context, name, /*partialSum=*/true, widths, old);
}

PlanAttr mlir::lcp::writePlan(func::FuncOp func, const Sharding &sharding,
                              OldChannels oldChannels) {
  MLIRContext *context = func.getContext();
  LayerNames names(func);
  SmallVector<LayerShardsAttr> layers;
  DenseSet<Operation *> divided(sharding.firstOfStage.begin(),
                                sharding.firstOfStage.end());
  for (Operation &op : func.getBody().front())
    if (divided.contains(&op))
      layers.push_back(writeDivided(
          names.of(&op), sharding.partitions.find(op.getResult(0))->second,
          oldChannels(&op), context));
    else if (sharding.partialSums.contains(&op))
      layers.push_back(
          writePartialSum(names.of(&op), oldChannels(&op), context));
  return PlanAttr::get(context, sharding.branches,
                       names.of(sharding.classifier), layers,
                       ClassifierMerge::Concat, /*joins=*/{}, JoinKind::Whole,
                       /*devices=*/{});
}

PlanAttr mlir::lcp::writePlan(func::FuncOp func, const Sharding &sharding) {
  return writePlan(func, sharding,
                   [](Operation *) { return ArrayRef<int64_t>(); });
}
