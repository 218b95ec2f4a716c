//===- ChannelInterface.cpp - How each op treats channels -----------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "OpFamilies.h"
#include "lcp/Dialect/LCP/IR/LCPOps.h"
#include "llvm/ADT/Sequence.h"

using namespace mlir;
using namespace mlir::lcp;

#include "lcp/Dialect/LCP/IR/LCPInterfaces.cpp.inc"

using MaybeSlice = std::optional<ChannelSlice>;
using Slices = SmallVector<ChannelSlice>;
using llvm::createStringError;

//===----------------------------------------------------------------------===//
// ChannelList
//===----------------------------------------------------------------------===//

void ChannelList::append(int64_t begin, int64_t end) {
  if (begin >= end)
    return;
  if (!list.empty() && list.back().end == begin)
    list.back().end = end;
  else
    list.push_back({begin, end});
}

void ChannelList::append(const ChannelList &other, int64_t offset) {
  for (ChannelRange range : other.ranges())
    append(range.begin + offset, range.end + offset);
}

int64_t ChannelList::size() const {
  int64_t sum = 0;
  for (ChannelRange range : list)
    sum += range.size();
  return sum;
}

bool ChannelList::isAll(int64_t size) const {
  return list.size() == 1 && list[0].begin == 0 && list[0].end == size;
}

//===----------------------------------------------------------------------===//
// Shared answers
//===----------------------------------------------------------------------===//

static RankedTensorType rankedType(Value value) {
  return cast<RankedTensorType>(value.getType());
}

/// For ops whose operands but the first are weights.
static llvm::Error checkWeights(ArrayRef<MaybeSlice> operands) {
  if (llvm::any_of(operands.drop_front(),
                   [](const MaybeSlice &slice) { return slice.has_value(); }))
    return createStringError("its weights are made by other layers");
  return llvm::Error::success();
}

/// For ops whose channels are dimension 1 whatever the operand's are.
llvm::Expected<ChannelSlice> lcp::followImage(ArrayRef<MaybeSlice> operands) {
  if (operands[0]->axis != 1)
    return createStringError("its channels are not on dimension 1");
  return *operands[0];
}

/// The part of `to` that holds the elements of the part `slice` of `from`, two
/// shapes of the same elements. The axis becomes (a factor of) one dimension:
/// `outer` repetitions of its positions, `inner` elements each.
static llvm::Expected<ChannelSlice> followReshape(RankedTensorType from,
                                                  RankedTensorType to,
                                                  const ChannelSlice &slice) {
  auto product = [](ArrayRef<int64_t> sizes) {
    int64_t result = 1;
    for (int64_t size : sizes)
      result *= size;
    return result;
  };
  int64_t size = from.getDimSize(slice.axis);
  int64_t before = product(from.getShape().take_front(slice.axis));
  int64_t after = product(from.getShape().drop_front(slice.axis + 1));
  // Of one channel, several dimensions could be the one: rather the same.
  SmallVector<int64_t> axes = {slice.axis};
  llvm::append_range(axes, llvm::seq<int64_t>(0, to.getRank()));
  for (int64_t axis : axes) {
    if (axis >= to.getRank())
      continue;
    int64_t left = product(to.getShape().take_front(axis));
    int64_t right = product(to.getShape().drop_front(axis + 1));
    if (before % left || after % right ||
        to.getDimSize(axis) != before / left * size * (after / right))
      continue;
    int64_t inner = after / right;
    ChannelSlice result{axis, {}};
    for (int64_t outer = 0; outer < before / left; ++outer)
      for (ChannelRange range : slice.list.ranges())
        result.list.append((outer * size + range.begin) * inner,
                           (outer * size + range.end) * inner);
    return result;
  }
  return createStringError("its channels are divided over several dimensions");
}

//===----------------------------------------------------------------------===//
// Layers with weights
//===----------------------------------------------------------------------===//

/// A layer whose weight is output by input channels and whose bias is output.
static Slices sliceLayer(unsigned operand, const MaybeSlice &input,
                         const MaybeSlice &result) {
  Slices slices;
  if (operand == 0 && input)
    slices.push_back(*input);
  if (operand > 0 && result)
    slices.push_back({0, result->list});
  if (operand == 1 && input)
    slices.push_back({1, input->list});
  return slices;
}

ChannelRole Conv2DOp::getChannelRole() {
  return getGroups() == 1 ? ChannelRole::WeightedMixer
                          : ChannelRole::GroupedMixer;
}

int64_t Conv2DOp::getChannelQuantum() {
  return getGroups() == 1 ? 1 : rankedType(getWeight()).getDimSize(1);
}

/// `list`, which counts channels of groups of `from`, in channels of the same
/// groups when each has `to`.
static ChannelList rescaleGroups(const ChannelList &list, int64_t from,
                                 int64_t to) {
  ChannelList result;
  for (ChannelRange range : list.ranges())
    result.append(range.begin / from * to, range.end / from * to);
  return result;
}

static int64_t outputsPerGroup(Conv2DOp op) {
  return rankedType(op.getWeight()).getDimSize(0) / op.getGroups();
}

llvm::Expected<ChannelSlice>
Conv2DOp::followChannels(ArrayRef<MaybeSlice> operands) {
  if (llvm::Error error = checkWeights(operands))
    return std::move(error);
  llvm::Expected<ChannelSlice> image = followImage(operands);
  if (!image)
    return image;
  int64_t inputs = getChannelQuantum();
  for (ChannelRange range : operands[0]->list.ranges())
    if (range.begin % inputs || range.end % inputs)
      return createStringError("its groups of " + Twine(inputs) +
                               " channels would be divided");
  return ChannelSlice{
      1, rescaleGroups(operands[0]->list, inputs, outputsPerGroup(*this))};
}

Slices Conv2DOp::getOperandSlices(unsigned operand, const MaybeSlice &input,
                                  const MaybeSlice &result) {
  if (getGroups() == 1 || !result)
    return sliceLayer(operand, input, result);
  if (operand > 0)
    return {{0, result->list}};
  return {{1, rescaleGroups(result->list, outputsPerGroup(*this),
                            getChannelQuantum())}};
}

void Conv2DOp::narrowAttributes(const MaybeSlice &, const MaybeSlice &result) {
  if (getGroups() != 1)
    setGroups(rankedType(getInput()).getDimSize(1) / getChannelQuantum());
}

ChannelRole DenseOp::getChannelRole() { return ChannelRole::WeightedMixer; }

Slices DenseOp::getOperandSlices(unsigned operand, const MaybeSlice &input,
                                 const MaybeSlice &result) {
  return sliceLayer(operand, input, result);
}

llvm::Expected<ChannelSlice>
BatchNormOp::followChannels(ArrayRef<MaybeSlice> operands) {
  if (llvm::Error error = checkWeights(operands))
    return std::move(error);
  if (operands[0]->axis != static_cast<int64_t>(getAxis()))
    return createStringError("its channels are not on its axis");
  return *operands[0];
}

Slices BatchNormOp::getOperandSlices(unsigned operand, const MaybeSlice &,
                                     const MaybeSlice &result) {
  if (!result)
    return {};
  return {{operand == 0 ? result->axis : 0, result->list}};
}

/// 1 for scale and variance, 0 for bias and mean.
float BatchNormOp::getNewChannelValue(unsigned operand) {
  return operand == 1 || operand == 4;
}

llvm::Expected<ChannelSlice>
RequantizeOp::followChannels(ArrayRef<MaybeSlice> operands) {
  if (llvm::Error error = checkWeights(operands))
    return std::move(error);
  return followImage(operands);
}

Slices RequantizeOp::getOperandSlices(unsigned operand, const MaybeSlice &,
                                      const MaybeSlice &result) {
  if (!result)
    return {};
  if (operand == 0)
    return {*result};
  if (rankedType(getOperand(operand)).getDimSize(0) == 1)
    return {};
  return {{0, result->list}};
}

//===----------------------------------------------------------------------===//
// Elementwise, with broadcasting
//===----------------------------------------------------------------------===//

/// Operands are aligned at their last dimensions.
llvm::Expected<ChannelSlice>
lcp::followBroadcast(Operation *op, ArrayRef<MaybeSlice> operands) {
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  MaybeSlice result;
  for (auto [index, slice] : llvm::enumerate(operands)) {
    if (!slice)
      continue;
    RankedTensorType operand = rankedType(op->getOperand(index));
    int64_t axis = slice->axis + type.getRank() - operand.getRank();
    if (operand.getDimSize(slice->axis) != type.getDimSize(axis))
      return createStringError("it repeats one channel over many");
    ChannelSlice aligned{axis, slice->list};
    if (result && *result != aligned)
      return createStringError("its operands are divided differently");
    result = aligned;
  }
  return *result;
}

Slices lcp::sliceBroadcast(Operation *op, unsigned operand,
                           const MaybeSlice &result) {
  if (!result)
    return {};
  RankedTensorType type = rankedType(op->getOperand(operand));
  int64_t rank = cast<RankedTensorType>(op->getResult(0).getType()).getRank();
  int64_t axis = result->axis - (rank - type.getRank());
  if (axis < 0 || type.getDimSize(axis) == 1)
    return {};
  return {{axis, result->list}};
}

float MulOp::getNewChannelValue(unsigned) { return 1.0f; }

//===----------------------------------------------------------------------===//
// Windows, and mixers without weights
//===----------------------------------------------------------------------===//

llvm::Expected<ChannelSlice>
GlobalAvgPoolOp::followChannels(ArrayRef<MaybeSlice> operands) {
  return followImage(operands);
}

ChannelRole SoftmaxOp::getChannelRole() { return ChannelRole::WeightlessMixer; }
ChannelRole LRNOp::getChannelRole() { return ChannelRole::WeightlessMixer; }

ChannelRole ChannelShuffleOp::getChannelRole() {
  return ChannelRole::WeightlessMixer;
}

// The per-branch form shuffles among the channels that the branch has, so the
// part stays what it is.
llvm::Expected<ChannelSlice>
ChannelShuffleOp::followChannels(ArrayRef<MaybeSlice> operands) {
  int64_t size = operands[0]->list.size(), groups = getGroups();
  if (size % groups)
    return createStringError("a branch's " + Twine(size) +
                             " channels are not " + Twine(groups) +
                             " equal groups");
  return followImage(operands);
}

//===----------------------------------------------------------------------===//
// Shape
//===----------------------------------------------------------------------===//

ChannelRole ConcatOp::getChannelRole() { return ChannelRole::Structural; }

llvm::Expected<ChannelSlice>
ConcatOp::followChannels(ArrayRef<MaybeSlice> operands) {
  ChannelSlice result{static_cast<int64_t>(getAxis()), {}};
  int64_t offset = 0;
  for (auto [index, slice] : llvm::enumerate(operands)) {
    if (!slice)
      return createStringError("it joins divided channels with whole ones");
    if (slice->axis != result.axis)
      return createStringError("its axis is not that of the channels");
    result.list.append(slice->list, offset);
    offset += rankedType(getInputs()[index]).getDimSize(result.axis);
  }
  return result;
}

Slices ConcatOp::getOperandSlices(unsigned operand, const MaybeSlice &,
                                  const MaybeSlice &result) {
  if (!result)
    return {};
  int64_t begin = 0;
  for (Value before : getInputs().take_front(operand))
    begin += rankedType(before).getDimSize(result->axis);
  int64_t end =
      begin + rankedType(getInputs()[operand]).getDimSize(result->axis);
  ChannelSlice slice{result->axis, {}};
  for (ChannelRange range : result->list.ranges())
    slice.list.append(std::max(range.begin, begin) - begin,
                      std::min(range.end, end) - begin);
  return {slice};
}

ChannelRole SliceOp::getChannelRole() { return ChannelRole::Structural; }

llvm::Expected<ChannelSlice>
SliceOp::followChannels(ArrayRef<MaybeSlice> operands) {
  const ChannelSlice &input = *operands[0];
  if (input.axis != static_cast<int64_t>(getAxis()))
    return input;
  int64_t begin = getBegin(), end = getEnd();
  ChannelSlice result{input.axis, {}};
  // The positions that stay must be neighbours in the part as well.
  bool gap = false;
  for (ChannelRange range : input.list.ranges()) {
    int64_t from = std::max(range.begin, begin);
    int64_t to = std::min(range.end, end);
    bool first = result.list.size() == 0;
    if (from >= to) {
      gap |= !first;
      continue;
    }
    if (!first && (gap || from != range.begin))
      return createStringError("its channels are not neighbours in a branch");
    result.list.append(from - begin, to - begin);
    gap = to != range.end;
  }
  if (result.list.size() == 0)
    return createStringError("a branch has none of its channels");
  return result;
}

void SliceOp::narrowAttributes(const MaybeSlice &input,
                               const MaybeSlice &result) {
  if (!input || input->axis != static_cast<int64_t>(getAxis()))
    return;
  // Without a part, all of this slice is among the channels of the input.
  int64_t size = result ? result->list.size() : getEnd() - getBegin();
  int64_t first = getBegin(), begin = 0;
  if (result)
    first += result->list.ranges().front().begin;
  for (ChannelRange range : input->list.ranges()) {
    if (first >= range.begin && first < range.end) {
      begin += first - range.begin;
      break;
    }
    begin += range.size();
  }
  setBegin(begin);
  setEnd(begin + size);
}

ChannelRole FlattenOp::getChannelRole() { return ChannelRole::Structural; }

llvm::Expected<ChannelSlice>
FlattenOp::followChannels(ArrayRef<MaybeSlice> operands) {
  return followReshape(rankedType(getInput()), rankedType(getResult()),
                       *operands[0]);
}

ChannelRole ReshapeOp::getChannelRole() { return ChannelRole::Structural; }

llvm::Expected<ChannelSlice>
ReshapeOp::followChannels(ArrayRef<MaybeSlice> operands) {
  return followReshape(rankedType(getInput()), rankedType(getResult()),
                       *operands[0]);
}

ChannelRole TransposeOp::getChannelRole() { return ChannelRole::Structural; }

llvm::Expected<ChannelSlice>
TransposeOp::followChannels(ArrayRef<MaybeSlice> operands) {
  auto place = llvm::find(getPermutation(), operands[0]->axis);
  return ChannelSlice{place - getPermutation().begin(), operands[0]->list};
}

llvm::Expected<ChannelSlice>
PadOp::followChannels(ArrayRef<MaybeSlice> operands) {
  int64_t axis = operands[0]->axis;
  if (getLow()[axis] || getHigh()[axis])
    return createStringError("it adds channels");
  return *operands[0];
}
