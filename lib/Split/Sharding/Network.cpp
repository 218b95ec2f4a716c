//===- Network.cpp - What the split passes ask of a network ---------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lcp/Split/Sharding/Network.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/RegionUtils.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace mlir::lcp;

FailureOr<func::FuncOp> mlir::lcp::findWholeMain(ModuleOp module) {
  FailureOr<func::FuncOp> func = findMain(module);
  if (failed(func))
    return failure();
  for (ParallelOp op : func->getBody().front().getOps<ParallelOp>())
    return op.emitError("the network is divided already");
  IRRewriter rewriter(module.getContext());
  (void)runRegionDCE(rewriter, (*func)->getRegions());
  return func;
}

llvm::Expected<ChannelSlice>
mlir::lcp::followParts(Operation *op,
                       ArrayRef<std::optional<ChannelSlice>> parts) {
  auto channels = dyn_cast<ChannelOpInterface>(op);
  if (!channels)
    return llvm::createStringError("no rule for its channels is known");
  if (llvm::none_of(parts, [](const auto &part) { return bool(part); }))
    return llvm::createStringError("every branch sees all of what it reads");
  return channels.followChannels(parts);
}

llvm::Expected<Partition> mlir::lcp::followPartitions(
    Operation *op, unsigned branches,
    function_ref<std::optional<Partition>(Value)> lookup) {
  SmallVector<std::optional<Partition>> operands;
  for (Value operand : op->getOperands())
    operands.push_back(lookup(operand));
  Partition result;
  for (unsigned branch = 0; branch < branches; ++branch) {
    SmallVector<std::optional<ChannelSlice>> slices(operands.size());
    for (auto [slice, partition] : llvm::zip(slices, operands))
      if (partition)
        slice = partition->slice(branch);
    llvm::Expected<ChannelSlice> slice = followParts(op, slices);
    if (!slice)
      return slice.takeError();
    result.axis = slice->axis;
    result.parts.push_back(slice->list);
  }
  return result;
}

int64_t mlir::lcp::channelCount(Value value) {
  auto type = cast<RankedTensorType>(value.getType());
  return type.getRank() > 1 ? type.getDimSize(1) : 1;
}

/// Layers of `func` that no other layer depends on.
static SmallVector<Operation *> finalLayers(func::FuncOp func) {
  SmallVector<Operation *> result;
  // Values that some later layer depends on.
  DenseSet<Value> read;
  for (Operation &op : llvm::reverse(func.getBody().front())) {
    bool feeds = llvm::any_of(op.getResults(),
                              [&](Value v) { return read.contains(v); });
    bool layer = isLayer(&op);
    if (layer && !feeds)
      result.push_back(&op);
    if (layer || feeds || isa<ParallelOp>(op))
      read.insert(op.operand_begin(), op.operand_end());
  }
  std::reverse(result.begin(), result.end());
  return result;
}

FailureOr<Operation *> mlir::lcp::findClassifier(func::FuncOp func,
                                                 StringRef name) {
  if (!name.empty()) {
    for (Operation &op : func.getBody().front())
      if (isLayer(&op) && getNodeName(op.getLoc()) == name)
        return &op;
    return func.emitError("there is no layer named '")
           << name << "' to be the classifier";
  }
  SmallVector<Operation *> layers = finalLayers(func);
  if (layers.size() == 1)
    return layers[0];
  if (layers.empty())
    return func.emitError("no classifier found: the network has no "
                          "convolution or dense layer outside branches");
  std::string names =
      llvm::join(llvm::map_range(layers,
                                 [](Operation *op) {
                                   return getNodeName(op->getLoc(), "?").str();
                                 }),
                 ", ");
  return func.emitError("several layers could be the classifier: ")
         << names << "; choose one with classifier=NODE";
}

void mlir::lcp::eraseDeadConstants(func::FuncOp func) {
  for (Operation &op :
       llvm::make_early_inc_range(func.getBody().front().getOperations()))
    if (isa<ConstantOp>(op) && op.use_empty())
      op.erase();
}

int64_t Partition::size() const {
  int64_t sum = 0;
  for (const ChannelList &part : parts)
    sum += part.size();
  return sum;
}

bool Partition::hasEmptyPart() const {
  return llvm::any_of(parts,
                      [](const ChannelList &part) { return part.size() == 0; });
}

SmallVector<int64_t> Partition::mergeOrder() const {
  SmallVector<int64_t> order(size());
  int64_t position = 0;
  for (const ChannelList &part : parts)
    for (ChannelRange range : part.ranges())
      for (int64_t channel = range.begin; channel < range.end; ++channel)
        order[channel] = position++;
  if (llvm::is_sorted(order))
    order.clear();
  return order;
}

Value mlir::lcp::createMerge(OpBuilder &builder, Location loc,
                             ValueRange pieces, const Partition &partition) {
  SmallVector<int64_t> order = partition.mergeOrder();
  return builder.create<MergeOp>(
      loc, MergeKindAttr::get(builder.getContext(), MergeKind::Concat), pieces,
      builder.getI64IntegerAttr(partition.axis),
      order.empty() ? DenseI64ArrayAttr()
                    : builder.getDenseI64ArrayAttr(order));
}

Value mlir::lcp::createSum(OpBuilder &builder, Location loc,
                           ValueRange pieces) {
  return builder.create<MergeOp>(
      loc, MergeKindAttr::get(builder.getContext(), MergeKind::Sum), pieces,
      builder.getI64IntegerAttr(1), DenseI64ArrayAttr());
}

Partition mlir::lcp::partitionOfMerge(MergeOp op) {
  Partition partition;
  partition.axis = op.getAxis();
  SmallVector<int64_t> channels; // in the order of the concatenation
  if (op.getOrder()) {
    channels.resize(op.getOrder()->size());
    for (auto [channel, position] : llvm::enumerate(*op.getOrder()))
      channels[position] = channel;
  }
  int64_t begin = 0;
  for (Value input : op.getInputs()) {
    auto type = cast<RankedTensorType>(input.getType());
    int64_t end = begin + type.getDimSize(partition.axis);
    ChannelList part;
    if (channels.empty())
      part.append(begin, end);
    for (int64_t i = begin; i < end && !channels.empty(); ++i)
      part.append(channels[i], channels[i] + 1);
    partition.parts.push_back(std::move(part));
    begin = end;
  }
  return partition;
}
