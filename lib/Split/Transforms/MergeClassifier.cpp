//===- MergeClassifier.cpp - How branches meet the classifier -------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "MergeClassifier.h"
#include "lcp/Split/Sharding/ExtractShard.h"
#include "lcp/Split/Sharding/Network.h"
#include "lcp/Split/Transforms/Rewrites.h"

using namespace mlir;
using namespace mlir::lcp;

namespace {
/// A layer outside the branches and the concatenation it reads.
struct Junction {
  Operation *classifier;
  MergeOp merge;
  ParallelOp parallel;
  unsigned group;
};
} // namespace

/// The layer whose only reading of the branches is one concatenation, along
/// its input channels, that nothing else reads.
static std::optional<Junction> findJunction(func::FuncOp func) {
  std::optional<Junction> found;
  for (Operation &op : func.getBody().front()) {
    auto channels = dyn_cast<ChannelOpInterface>(op);
    if (!channels || channels.getChannelRole() != ChannelRole::WeightedMixer)
      continue;
    auto merge = op.getOperand(0).getDefiningOp<MergeOp>();
    if (!isConstant(op.getOperand(1)) || !merge ||
        merge.getKind() != MergeKind::Concat || merge.getAxis() != 1 ||
        !merge->hasOneUse())
      continue;
    if (found)
      return std::nullopt;
    auto result = cast<OpResult>(merge.getInputs()[0]);
    auto parallel = cast<ParallelOp>(result.getOwner());
    found = Junction{&op, merge, parallel,
                     static_cast<unsigned>(result.getResultNumber() /
                                           parallel.getNumBranches())};
  }
  return found;
}

/// The bias of a layer in a shape that broadcasts over the layer's result.
static Value biasFor(OpBuilder &builder, Operation *layer) {
  Value bias = layer->getOperand(2);
  auto type = cast<RankedTensorType>(bias.getType());
  // The channels are on dimension 1: a bias broadcasts from the last one.
  int64_t rank =
      cast<RankedTensorType>(layer->getResult(0).getType()).getRank();
  if (rank == 2)
    return bias;
  SmallVector<int64_t> shape(rank - 1, 1);
  shape[0] = type.getDimSize(0);
  return builder.create<ReshapeOp>(layer->getLoc(), type.clone(shape), bias);
}

/// The classifier's columns move into the branches: the same function.
static void sumLogits(Junction at, const Partition &partition) {
  Operation *layer = at.classifier;
  ParallelOp parallel = at.parallel;
  unsigned branches = parallel.getNumBranches();
  for (unsigned branch = 0; branch < branches; ++branch) {
    YieldOp yield = parallel.getYield(branch);
    OpBuilder builder(yield);
    BranchValue features{yield.getOperand(at.group), partition.slice(branch)};
    // Without its bias, which would be added once a branch.
    SmallVector<BranchValue> operands = {features,
                                         {layer->getOperand(1), std::nullopt}};
    Value logits = narrowOp(builder, layer, operands, std::nullopt,
                            (".b" + Twine(branch)).str());
    yield->setOperand(at.group, logits);
    parallel.getBranchResult(at.group, branch).setType(logits.getType());
  }
  OpBuilder builder(layer);
  Value sum = createSum(builder, layer->getLoc(), at.merge.getInputs());
  if (layer->getNumOperands() > 2)
    sum = builder.create<AddOp>(layer->getLoc(), sum, biasFor(builder, layer));
  layer->replaceAllUsesWith(ValueRange(sum));
  layer->erase();
  at.merge->erase();
}

/// The mean over branches of the columns that each branch's features meet.
static ConstantOp meanColumns(OpBuilder &builder, ConstantOp weight,
                              const Partition &partition) {
  RankedTensorType type = weight.getType();
  int64_t width = partition.parts[0].size();
  SmallVector<int64_t> shape(type.getShape());
  shape[1] = width;
  if (weight.isSplat())
    return builder.create<ConstantOp>(weight.getLoc(),
                                      cast<DenseElementsAttr>(weight.getValue())
                                          .resizeSplat(type.clone(shape)));
  SmallVector<float> storage;
  ArrayRef<float> values = weight.getValues<float>(storage);
  int64_t inner =
      type.getNumElements() / type.getDimSize(0) / type.getDimSize(1);
  std::vector<float> mean(type.getDimSize(0) * width * inner);
  for (int64_t row = 0; row < type.getDimSize(0); ++row)
    for (const ChannelList &part : partition.parts) {
      float *to = &mean[row * width * inner];
      for (ChannelRange range : part.ranges())
        for (int64_t i = range.begin * inner; i < range.end * inner; ++i)
          *to++ += values[row * type.getDimSize(1) * inner + i];
    }
  for (float &value : mean)
    value /= partition.parts.size();
  return createConstant<float>(
      builder, weight.getLoc(), type.clone(shape),
      (getNodeName(weight.getLoc(), "weight") + ".mean").str(), mean);
}

static LogicalResult sumFeatures(Junction at, const Partition &partition) {
  for (const ChannelList &part : partition.parts)
    if (part.size() != partition.parts[0].size()) {
      InFlightDiagnostic error = at.classifier->emitError(
          "merge=sum-features needs branches of equal width, but ");
      if (partition.size() % int64_t(partition.parts.size()))
        return error << partition.size() << " features do not divide by "
                     << partition.parts.size() << "; use round=floor";
      return error << "these have shares of the widths; use another merge";
    }
  auto weight = at.classifier->getOperand(1).getDefiningOp<ConstantOp>();
  if (!weight || !weight.getType().getElementType().isF32())
    return at.classifier->emitError(
        "merge=sum-features needs constant f32 weights");
  OpBuilder builder(at.classifier);
  at.classifier->setOperand(
      0, createSum(builder, at.classifier->getLoc(), at.merge.getInputs()));
  at.classifier->setOperand(1, meanColumns(builder, weight, partition));
  at.merge->erase();
  return success();
}

static int64_t bytes(ValueRange values) {
  int64_t sum = 0;
  for (Value value : values)
    sum += getByteSize(cast<RankedTensorType>(value.getType()));
  return sum;
}

bool mlir::lcp::sumOfLogitsIsSmaller(func::FuncOp func) {
  std::optional<Junction> at = findJunction(func);
  return at &&
         at->parallel.getNumBranches() * bytes(at->classifier->getResults()) <
             bytes(at->merge.getInputs());
}

LogicalResult mlir::lcp::mergeIntoClassifier(func::FuncOp func,
                                             ClassifierMerge merge) {
  if (merge == ClassifierMerge::Concat)
    return success();
  std::optional<Junction> at = findJunction(func);
  if (!at)
    return func.emitError("merge=sum-* needs one classifier that reads the "
                          "merged features and nothing else does");
  Partition partition = partitionOfMerge(at->merge);
  if (merge == ClassifierMerge::SumFeatures)
    return sumFeatures(*at, partition);
  sumLogits(*at, partition);
  return success();
}
