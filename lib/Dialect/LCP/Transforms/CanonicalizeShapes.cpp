//===- CanonicalizeShapes.cpp - Chains of reshapes and transposes -------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lcp/Dialect/LCP/IR/LCPOps.h"
#include "lcp/Dialect/LCP/Transforms/Passes.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace mlir::lcp {
#define GEN_PASS_DEF_CANONICALIZESHAPES
#include "lcp/Dialect/LCP/Transforms/Passes.h.inc"
} // namespace mlir::lcp

using namespace mlir;
using namespace mlir::lcp;

static RankedTensorType typeOf(Value value) {
  return cast<RankedTensorType>(value.getType());
}

/// The axis at which flattening `from` gives `to`: 1 where that is right, since
/// it keeps the batch, otherwise the first; none if it is not a flattening.
static std::optional<int64_t> flattenAxis(RankedTensorType from,
                                          RankedTensorType to) {
  if (to.getRank() != 2)
    return std::nullopt;
  std::optional<int64_t> found;
  int64_t before = 1;
  for (int64_t axis = 0; axis <= from.getRank(); ++axis) {
    if (before == to.getDimSize(0) && (!found || axis == 1))
      found = axis;
    if (axis < from.getRank())
      before *= from.getDimSize(axis);
  }
  return found;
}

/// `input` in the shape of `type`, by no op, a flatten, or a reshape.
static void replaceByReshape(PatternRewriter &rewriter, Operation *op,
                             Value input) {
  RankedTensorType type = typeOf(op->getResult(0));
  if (input.getType() == type)
    rewriter.replaceOp(op, input);
  else if (std::optional<int64_t> axis = flattenAxis(typeOf(input), type))
    rewriter.replaceOpWithNewOp<FlattenOp>(op, input, *axis);
  else
    rewriter.replaceOpWithNewOp<ReshapeOp>(op, type, input);
}

namespace {
template <typename Op> struct CountingPattern : OpRewritePattern<Op> {
  CountingPattern(MLIRContext *context, Pass::Statistic &count)
      : OpRewritePattern<Op>(context), count(count) {}
  Pass::Statistic &count;
};

/// Op is lcp.reshape or lcp.flatten.
template <typename Op> struct SimplifyReshape : CountingPattern<Op> {
  using CountingPattern<Op>::CountingPattern;
  LogicalResult matchAndRewrite(Op op,
                                PatternRewriter &rewriter) const override {
    Value input = op.getInput();
    bool chained = isa_and_nonnull<ReshapeOp, FlattenOp>(input.getDefiningOp());
    if (chained)
      input = input.getDefiningOp()->getOperand(0);
    bool isFlattening = isa<ReshapeOp>(op) &&
                        flattenAxis(typeOf(input), typeOf(op.getResult()));
    if (!chained && !isFlattening &&
        input.getType() != op.getResult().getType())
      return failure();
    replaceByReshape(rewriter, op, input);
    ++this->count;
    return success();
  }
};

struct SimplifyTranspose : CountingPattern<TransposeOp> {
  using CountingPattern::CountingPattern;
  LogicalResult matchAndRewrite(TransposeOp op,
                                PatternRewriter &rewriter) const override {
    if (auto inner = op.getInput().getDefiningOp<TransposeOp>()) {
      SmallVector<int64_t> permutation;
      for (int64_t dim : op.getPermutation())
        permutation.push_back(inner.getPermutation()[dim]);
      rewriter.replaceOpWithNewOp<TransposeOp>(op, inner.getInput(),
                                               permutation);
      ++count;
      return success();
    }
    // Dimensions of size 1 may go anywhere without an element moving.
    SmallVector<int64_t> longer;
    for (int64_t dim : op.getPermutation())
      if (typeOf(op.getInput()).getDimSize(dim) != 1)
        longer.push_back(dim);
    if (!llvm::is_sorted(longer))
      return failure();
    replaceByReshape(rewriter, op, op.getInput());
    ++count;
    return success();
  }
};

/// A reshape that divides the channels into groups, a transpose that swaps
/// groups and channels, and a reshape back.
struct RecognizeChannelShuffle : CountingPattern<ReshapeOp> {
  using CountingPattern::CountingPattern;
  LogicalResult matchAndRewrite(ReshapeOp op,
                                PatternRewriter &rewriter) const override {
    auto transpose = op.getInput().getDefiningOp<TransposeOp>();
    auto divide = transpose ? transpose.getInput().getDefiningOp<ReshapeOp>()
                            : ReshapeOp();
    if (!divide || divide.getInput().getType() != op.getType())
      return failure();
    ArrayRef<int64_t> divided = typeOf(divide.getResult()).getShape();
    ArrayRef<int64_t> whole = typeOf(op).getShape();
    ArrayRef<int64_t> order = transpose.getPermutation();
    if (whole.size() < 2 || divided.size() < 3 || divided[0] != whole[0] ||
        divided[1] * divided[2] != whole[1])
      return failure();
    for (auto [to, from] : llvm::enumerate(order))
      if (from != static_cast<int64_t>(to == 1 ? 2 : to == 2 ? 1 : to))
        return failure();
    rewriter.replaceOpWithNewOp<ChannelShuffleOp>(
        op, op.getType(), divide.getInput(), divided[1]);
    ++count;
    return success();
  }
};

/// Slices of one value that continue each other, joined again.
struct JoinSlices : CountingPattern<ConcatOp> {
  using CountingPattern::CountingPattern;
  LogicalResult matchAndRewrite(ConcatOp op,
                                PatternRewriter &rewriter) const override {
    SliceOp first, last;
    for (Value input : op.getInputs()) {
      auto slice = input.getDefiningOp<SliceOp>();
      if (!slice || slice.getAxis() != op.getAxis() ||
          (last && (slice.getInput() != last.getInput() ||
                    slice.getBegin() != last.getEnd())))
        return failure();
      first = first ? first : slice;
      last = slice;
    }
    if (first.getInput().getType() == op.getType())
      rewriter.replaceOp(op, first.getInput());
    else
      rewriter.replaceOpWithNewOp<SliceOp>(op, first.getInput(), op.getAxis(),
                                           first.getBegin(), last.getEnd());
    ++count;
    return success();
  }
};

struct CanonicalizeShapes
    : lcp::impl::CanonicalizeShapesBase<CanonicalizeShapes> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<SimplifyReshape<ReshapeOp>, SimplifyReshape<FlattenOp>,
                 SimplifyTranspose, RecognizeChannelShuffle, JoinSlices>(&getContext(), numRewritten);
    if (failed(
            applyPatternsAndFoldGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};
} // namespace
