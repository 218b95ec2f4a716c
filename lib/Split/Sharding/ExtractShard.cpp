//===- ExtractShard.cpp - Ops with some of their channels -----------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lcp/Split/Sharding/ExtractShard.h"
#include "lcp/Split/Sharding/Network.h"

using namespace mlir;
using namespace mlir::lcp;

llvm::Expected<std::optional<ChannelSlice>>
mlir::lcp::followOp(Operation *op, ArrayRef<BranchValue> operands) {
  if (llvm::none_of(operands, [](const BranchValue &v) { return v.part; }))
    return std::optional<ChannelSlice>();
  auto channels = dyn_cast<ChannelOpInterface>(op);
  if (channels && channels.getChannelRole() == ChannelRole::WeightedMixer) {
    // Its weights are cut by input channels; it makes all of its output.
    bool weights = llvm::any_of(operands.drop_front(),
                                [](const BranchValue &v) { return v.part; });
    if (!weights && operands[0].part->axis == 1)
      return std::optional<ChannelSlice>();
    return llvm::createStringError(weights
                                       ? "its weights are made by other layers"
                                       : "its channels are not on dimension 1");
  }
  SmallVector<std::optional<ChannelSlice>> slices;
  for (const BranchValue &operand : operands)
    slices.push_back(operand.part);
  llvm::Expected<ChannelSlice> slice = followParts(op, slices);
  if (!slice)
    return slice.takeError();
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  if (slice->list.isAll(type.getDimSize(slice->axis)))
    return std::optional<ChannelSlice>();
  return std::make_optional(*slice);
}

namespace {
/// Copies chosen positions of a row-major array.
struct Gather {
  ArrayRef<int64_t> shape;
  /// One entry an axis; null: all positions.
  SmallVector<const ChannelList *> chosen;
  /// Bytes from one position of an axis to the next.
  SmallVector<int64_t> strides;
  /// The last axis of which not all positions are chosen.
  int64_t lastAxis = 0;

  Gather(RankedTensorType type, ArrayRef<ChannelSlice> slices)
      : shape(type.getShape()), chosen(type.getRank(), nullptr),
        strides(type.getRank()) {
    int64_t stride = type.getElementTypeBitWidth() / 8;
    for (int64_t axis = type.getRank() - 1; axis >= 0; --axis) {
      strides[axis] = stride;
      stride *= shape[axis];
    }
    for (const ChannelSlice &slice : slices) {
      chosen[slice.axis] = &slice.list;
      lastAxis = std::max(lastAxis, slice.axis);
    }
  }

  void copy(const char *from, char *&to, int64_t axis = 0) const {
    ChannelList all(0, shape[axis]);
    for (ChannelRange range : (chosen[axis] ? *chosen[axis] : all).ranges()) {
      if (axis == lastAxis) {
        int64_t bytes = range.size() * strides[axis];
        memcpy(to, from + range.begin * strides[axis], bytes);
        to += bytes;
        continue;
      }
      for (int64_t i = range.begin; i < range.end; ++i)
        copy(from + i * strides[axis], to, axis + 1);
    }
  }
};
} // namespace

ConstantOp mlir::lcp::sliceConstant(OpBuilder &builder, ConstantOp constant,
                                    ArrayRef<ChannelSlice> slices,
                                    StringRef suffix) {
  RankedTensorType type = constant.getType();
  SmallVector<int64_t> shape(type.getShape());
  SmallVector<ChannelSlice> cuts;
  for (const ChannelSlice &slice : slices) {
    shape[slice.axis] = slice.list.size();
    if (!slice.list.isAll(type.getDimSize(slice.axis)))
      cuts.push_back(slice);
  }
  if (cuts.empty())
    return cast<ConstantOp>(builder.clone(*constant));
  RankedTensorType narrow = type.clone(shape);
  Location loc = constant.getLoc();
  if (constant.isSplat()) {
    auto splat = cast<DenseElementsAttr>(constant.getValue());
    return builder.create<ConstantOp>(loc, splat.resizeSplat(narrow));
  }
  if (cuts.size() == 1 && cuts[0].axis == 0 && cuts[0].list.isContiguous()) {
    int64_t first = cuts[0].list.ranges()[0].begin +
                    static_cast<int64_t>(constant.getFirstRow().value_or(0));
    return builder.create<ConstantOp>(loc, narrow, constant.getValue(),
                                      builder.getI64IntegerAttr(first));
  }
  AsmResourceBlob blob =
      HeapAsmResourceBlob::allocate(getByteSize(narrow), /*align=*/64);
  char *to = blob.getMutableData().data();
  Gather(type, cuts).copy(constant.getRawData().data(), to);
  // A literal in the text of the module stays one.
  if (isa<DenseElementsAttr>(constant.getValue()))
    return builder.create<ConstantOp>(
        loc, DenseElementsAttr::getFromRawBuffer(narrow, blob.getData()));
  return createConstant(builder, loc, narrow,
                        (constant.getKey() + suffix).str(), std::move(blob));
}

Value mlir::lcp::sliceValue(OpBuilder &builder, Location loc, Value value,
                            const ChannelSlice &slice) {
  SmallVector<Value> pieces;
  for (ChannelRange range : slice.list.ranges())
    pieces.push_back(builder.create<SliceOp>(loc, value, slice.axis,
                                             range.begin, range.end));
  if (pieces.size() == 1)
    return pieces[0];
  return builder.create<ConcatOp>(loc, pieces, slice.axis);
}

/// One operand of the copy.
static Value narrowOperand(OpBuilder &builder, Operation *op, unsigned index,
                           const BranchValue &operand,
                           ArrayRef<ChannelSlice> slices, StringRef suffix) {
  if (auto constant = op->getOperand(index).getDefiningOp<ConstantOp>())
    return sliceConstant(builder, constant, slices, suffix);
  if (operand.part || slices.empty())
    return operand.value;
  auto type = cast<RankedTensorType>(operand.value.getType());
  if (slices[0].list.isAll(type.getDimSize(slices[0].axis)))
    return operand.value;
  return sliceValue(builder, op->getLoc(), operand.value, slices[0]);
}

Value mlir::lcp::narrowOp(OpBuilder &builder, Operation *op,
                          ArrayRef<BranchValue> operands,
                          const std::optional<ChannelSlice> &result,
                          StringRef suffix) {
  auto channels = cast<ChannelOpInterface>(op);
  std::optional<ChannelSlice> input;
  for (const BranchValue &operand : operands)
    if (operand.part && !input)
      input = operand.part;
  SmallVector<Value> values;
  for (auto [index, operand] : llvm::enumerate(operands))
    values.push_back(
        narrowOperand(builder, op, index, operand,
                      channels.getOperandSlices(index, input, result), suffix));

  OperationState state(op->getLoc(), op->getName(), values,
                       op->getResultTypes(), op->getAttrs());
  if (result) {
    auto type = cast<RankedTensorType>(op->getResult(0).getType());
    SmallVector<int64_t> shape(type.getShape());
    shape[result->axis] = result->list.size();
    state.types[0] = type.clone(shape);
  }
  Operation *copy = builder.create(state);
  cast<ChannelOpInterface>(copy).narrowAttributes(input, result);
  // What moves channels may have nothing left to move: a slice, say, of exactly
  // what the branch has.
  SmallVector<Value> folded;
  if (channels.getChannelRole() == ChannelRole::Structural &&
      succeeded(builder.tryFold(copy, folded))) {
    copy->erase();
    return folded[0];
  }
  return copy->getResult(0);
}
