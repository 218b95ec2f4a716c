//===- Joins.cpp - Which merged values a layer still reads ----------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lcp/Split/Sharding/Joins.h"

using namespace mlir;
using namespace mlir::lcp;

static bool isWeightedMixer(Operation *op) {
  auto channels = dyn_cast<ChannelOpInterface>(op);
  return channels && channels.getChannelRole() == ChannelRole::WeightedMixer;
}

unsigned LayerDepths::of(ValueRange values) const {
  unsigned depth = 0;
  for (Value value : values)
    depth = std::max(depth, of(value));
  return depth;
}

void LayerDepths::add(Operation *op) {
  auto parallel = dyn_cast<ParallelOp>(op);
  if (!parallel) {
    unsigned depth = of(op->getOperands()) + isWeightedMixer(op);
    for (Value result : op->getResults())
      depths[result] = depth;
    return;
  }
  // Branches are alike: the first stands for all.
  Block &body = parallel.getBranches()[0].front();
  for (BlockArgument argument : body.getArguments()) {
    unsigned i = argument.getArgNumber(), shared = parallel.getShared().size();
    depths[argument] = of(i < shared ? parallel.getShared()[i]
                                     : parallel.getOwnOperand(i - shared, 0));
  }
  for (Operation &inner : body.without_terminator()) {
    unsigned depth = of(inner.getOperands());
    // What reads its branch's own channels only, a grouped convolution cut to
    // one group, say, is no place to join.
    for (Value operand : inner.getOperands())
      if (auto argument = dyn_cast<BlockArgument>(operand);
          argument && argument.getArgNumber() < parallel.getShared().size() &&
          isWeightedMixer(&inner))
        depth = of(operand) + 1;
    for (Value result : inner.getResults())
      depths[result] = depth;
  }
  // Its first layer, if nothing else: a depthwise one may read the inputs.
  for (auto [group, yielded] :
       llvm::enumerate(parallel.getYield(0).getOperands()))
    for (unsigned b = 0; b < parallel.getNumBranches(); ++b)
      depths[parallel.getBranchResult(group, b)] = std::max(of(yielded), 1u);
}

unsigned mlir::lcp::countJoins(func::FuncOp func) {
  LayerDepths depths;
  unsigned most = 0;
  bool groupedFirst = false;
  for (Operation &op : func.getBody().front()) {
    if (auto parallel = dyn_cast<ParallelOp>(op))
      most = std::max(most, depths.of(parallel.getShared()));
    else if (isLayer(&op))
      most = std::max(most, depths.of(op.getOperands()));
    depths.add(&op);
    groupedFirst |= isLayer(&op) && depths.of(op.getResults()) == 0;
  }
  // A depthwise layer that reads the inputs counts once it is divided.
  return most + groupedFirst;
}

/// Positions [begin, end) of `list`.
static ChannelList subList(const ChannelList &list, ChannelRange positions) {
  ChannelList result;
  int64_t at = 0;
  for (ChannelRange range : list.ranges()) {
    int64_t begin = std::max(positions.begin, at);
    int64_t end = std::min(positions.end, at + range.size());
    if (begin < end)
      result.append(range.begin + begin - at, range.begin + end - at);
    at += range.size();
  }
  return result;
}

std::optional<Deal> mlir::lcp::dealChannels(const Partition &partition) {
  unsigned branches = partition.parts.size();
  Deal deal;
  deal.pieces.assign(branches, SmallVector<ChannelRange>(branches, {0, 0}));
  deal.readers.axis = partition.axis;
  deal.readers.parts.resize(branches);
  unsigned reader = 0;
  int64_t given = 0, left = partition.size();
  for (int64_t j = 0; left > 0; ++j)
    for (unsigned b = 0; b < branches; ++b) {
      if (j >= partition.parts[b].size())
        continue;
      for (; given == partition.parts[reader].size(); given = 0)
        ++reader;
      ChannelRange &piece = deal.pieces[b][reader];
      if (piece.size() == 0)
        piece.begin = j;
      piece.end = j + 1;
      ++given;
      --left;
    }
  for (unsigned b = 0; b < branches; ++b)
    for (unsigned i = 0; i < branches; ++i) {
      if (deal.pieces[b][i].size() == 0)
        return std::nullopt;
      deal.readers.parts[i].append(
          subList(partition.parts[b], deal.pieces[b][i]));
    }
  return deal;
}
