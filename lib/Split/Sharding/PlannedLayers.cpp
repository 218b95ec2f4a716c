//===- PlannedLayers.cpp - The layers that a plan speaks of ---------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lcp/Split/Sharding/PlannedLayers.h"
#include "lcp/Split/Sharding/ChannelClasses.h"
#include "lcp/Split/Sharding/LayerNames.h"
#include "lcp/Split/Sharding/ResizeShards.h"
#include "llvm/ADT/Sequence.h"

using namespace mlir;
using namespace mlir::lcp;

//===----------------------------------------------------------------------===//
// Finding them
//===----------------------------------------------------------------------===//

/// Reports channels that the layer does not have.
static LogicalResult checkChannels(Operation *layer,
                                   ArrayRef<int64_t> channels) {
  int64_t width = channelCount(layer->getResult(0));
  for (int64_t channel : channels)
    if (channel >= width)
      return layer->emitError("the plan names channel ")
             << channel << " of " << describe(layer) << ", which has " << width;
  return success();
}

/// Whether the layer gets other channels than the ones it has.
static bool resizes(Operation *layer, ArrayRef<int64_t> channels) {
  return !channels.empty() &&
         (int64_t(channels.size()) != channelCount(layer->getResult(0)) ||
          llvm::is_contained(channels, LayerShardsAttr::kNew));
}

static LogicalResult checkClasses(func::FuncOp func,
                                  const PlannedLayers &layers) {
  ChannelClasses classes(func);
  DenseMap<Value, LayerShardsAttr> first;
  for (auto [layer, shards] : layers.shards) {
    if (shards.getChannels().empty())
      continue;
    auto [known, fresh] =
        first.try_emplace(classes.leader(layer->getResult(0)), shards);
    LayerShardsAttr other = known->second;
    bool alike = other.getChannels() == shards.getChannels() &&
                 (other.getPartialSum() || shards.getPartialSum() ||
                  other.getWidths() == shards.getWidths());
    if (!fresh && !alike)
      return layer->emitError("the plan divides ")
             << describe(layer) << " otherwise than '" << other.getLayer()
             << "', whose channels meet its own";
  }
  return success();
}

FailureOr<PlannedLayers> mlir::lcp::findPlannedLayers(func::FuncOp func,
                                                      PlanAttr plan) {
  LayerNames names(func);
  PlannedLayers layers{plan, names.find(plan.getClassifier()), {}, false};
  if (!layers.classifier)
    return func.emitError("the plan's classifier '")
           << plan.getClassifier() << "' is no layer of the network";
  for (LayerShardsAttr shards : plan.getLayers()) {
    Operation *layer = names.find(shards.getLayer());
    if (!layer)
      return func.emitError("the plan divides a layer '")
             << shards.getLayer() << "', which the network does not have";
    if (layer == layers.classifier)
      return layer->emitError("the plan divides ")
             << describe(layer) << ", its classifier, which stays whole";
    if (failed(checkChannels(layer, shards.getChannels())))
      return failure();
    layers.resizes |= resizes(layer, shards.getChannels());
    layers.shards[layer] = shards;
  }
  if (failed(checkClasses(func, layers)))
    return failure();
  return layers;
}

//===----------------------------------------------------------------------===//
// Resizing them
//===----------------------------------------------------------------------===//

LogicalResult mlir::lcp::resizeToPlan(func::FuncOp func,
                                      const PlannedLayers &layers) {
  if (!layers.resizes)
    return success();
  ChannelClasses classes(func);
  DenseMap<Value, ArrayRef<int64_t>> channels;
  for (auto [layer, shards] : layers.shards)
    if (!shards.getChannels().empty())
      channels[classes.leader(layer->getResult(0))] = shards.getChannels();
  auto planned = [&](Value leader, int64_t units, int64_t quantum) {
    auto known = channels.find(leader);
    return known != channels.end()
               ? SmallVector<int64_t>(known->second)
               : llvm::to_vector(llvm::seq<int64_t>(0, units * quantum));
  };
  return resizeLayers(func, layers.classifier, planned,
                      "; use round=spread and fatten=0");
}

//===----------------------------------------------------------------------===//
// Propagating their shards
//===----------------------------------------------------------------------===//

/// Of a layer that has its final channels: where the plan resizes layers, those
/// of a branch are neighbours by now.
static Partition partitionOf(LayerShardsAttr shards, bool resized) {
  Partition partition;
  int64_t begin = 0;
  for (auto [branch, width] : llvm::enumerate(shards.getWidths())) {
    ChannelList &part = partition.parts.emplace_back();
    if (resized)
      part.append(begin, begin + width);
    else
      for (int64_t channel : shards.getBranch(branch))
        part.append(channel, channel + 1);
    begin += width;
  }
  return partition;
}

namespace {
/// Does what a plan says.
class PlannedPolicy : public ShardingPolicy {
public:
  PlannedPolicy(func::FuncOp func, const PlannedLayers &layers)
      : layers(layers) {
    ChannelClasses classes(func);
    for (auto [layer, shards] : layers.shards)
      if (!shards.getPartialSum())
        divisions.try_emplace(classes.leader(layer->getResult(0)),
                              partitionOf(shards, layers.resizes));
  }

  bool divides(Operation *layer) override {
    auto it = layers.shards.find(layer);
    return it != layers.shards.end() && !it->second.getPartialSum();
  }
  bool makesPartialSum(Operation *layer) override {
    auto it = layers.shards.find(layer);
    return it != layers.shards.end() && it->second.getPartialSum();
  }
  std::optional<Partition> given(Value leader) override {
    auto it = divisions.find(leader);
    return it == divisions.end() ? std::nullopt
                                 : std::make_optional(it->second);
  }
  Partition divide(int64_t, int64_t) override {
    llvm_unreachable("the class of every divided layer is given");
  }

private:
  const PlannedLayers &layers;
  ClassDivisions divisions;
};
} // namespace

/// Why `layer` is among `left`; empty if it is not.
static StringRef findReason(ArrayRef<std::pair<Operation *, std::string>> left,
                            Operation *layer) {
  for (const auto &[other, why] : left)
    if (other == layer)
      return why;
  return "";
}

static LogicalResult report(Operation *layer, bool partialSum,
                            const Sharding &sharding) {
  StringRef why = findReason(partialSum ? ArrayRef(sharding.unpaired)
                                        : ArrayRef(sharding.whole),
                             layer);
  InFlightDiagnostic error =
      layer->emitError("the plan cannot be carried out: ");
  error << describe(layer)
        << (partialSum ? " can make no partial sums" : " cannot be divided");
  return error << ": "
               << (why.empty() ? StringRef("what it reads is not divided")
                               : why);
}

FailureOr<Sharding> mlir::lcp::propagatePlan(func::FuncOp func,
                                             const PlannedLayers &layers) {
  PlannedPolicy policy(func, layers);
  Sharding sharding = propagateShards(func, layers.plan.getBranches(),
                                      layers.classifier, policy);
  if (Operation *layer = sharding.tooNarrow)
    return layer->emitError() << explainTooNarrow(layer, sharding.branches);
  for (auto [layer, shards] : layers.shards) {
    bool partialSum = shards.getPartialSum();
    if (partialSum ? !sharding.partialSums.contains(layer)
                   : !sharding.stages.contains(layer))
      return report(layer, partialSum, sharding);
  }
  return sharding;
}
