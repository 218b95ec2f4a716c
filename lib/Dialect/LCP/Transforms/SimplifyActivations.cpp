//===- SimplifyActivations.cpp - Chains of relu and clip ----------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lcp/Dialect/LCP/IR/LCPOps.h"
#include "lcp/Dialect/LCP/Transforms/Passes.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/IR/TypeUtilities.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include <algorithm>
#include <limits>

namespace mlir::lcp {
#define GEN_PASS_DEF_SIMPLIFYACTIVATIONS
#include "lcp/Dialect/LCP/Transforms/Passes.h.inc"
} // namespace mlir::lcp

using namespace mlir;
using namespace mlir::lcp;

static constexpr float kInfinity = std::numeric_limits<float>::infinity();

namespace {
/// min(max(x, low), high); either may be infinite.
struct Bounds {
  float low, high;
  bool operator==(const Bounds &other) const {
    return low == other.low && high == other.high;
  }
};
} // namespace

/// The bounds that `op` sets to its operand, if that is all it does.
static std::optional<Bounds> boundsOf(Operation *op) {
  if (!op || !isa<ReluOp, ClipOp, LeakyReluOp>(op) ||
      !getElementTypeOrSelf(op->getResult(0)).isF32())
    return std::nullopt;
  if (isa<ReluOp>(op))
    return Bounds{0, kInfinity};
  if (auto leaky = dyn_cast<LeakyReluOp>(op)) {
    float alpha = leaky.getAlpha().convertToFloat();
    if (alpha == 0 || alpha == 1)
      return Bounds{alpha == 0 ? 0 : -kInfinity, kInfinity};
    return std::nullopt;
  }
  auto clip = cast<ClipOp>(op);
  constexpr float largest = std::numeric_limits<float>::max();
  float low = clip.getMin().convertToFloat();
  float high = clip.getMax().convertToFloat();
  return Bounds{low <= -largest ? -kInfinity : low,
                high >= largest ? kInfinity : high};
}

namespace {
struct SimplifyBounds : RewritePattern {
  SimplifyBounds(MLIRContext *context, Pass::Statistic &count)
      : RewritePattern(MatchAnyOpTypeTag(), /*benefit=*/1, context),
        count(count) {}

  LogicalResult matchAndRewrite(Operation *op,
                                PatternRewriter &rewriter) const override {
    std::optional<Bounds> bounds = boundsOf(op);
    if (!bounds)
      return failure();
    Value input = op->getOperand(0);
    bool chained = false;
    if (auto inner = boundsOf(input.getDefiningOp())) {
      input = input.getDefiningOp()->getOperand(0);
      bounds = Bounds{std::clamp(inner->low, bounds->low, bounds->high),
                      std::clamp(inner->high, bounds->low, bounds->high)};
      chained = true;
    }
    bool open = *bounds == Bounds{-kInfinity, kInfinity};
    bool isRelu = *bounds == Bounds{0, kInfinity};
    if (!chained && !open && (!isRelu || isa<ReluOp>(op)))
      return failure();
    if (open)
      rewriter.replaceOp(op, input);
    else if (isRelu)
      rewriter.replaceOpWithNewOp<ReluOp>(op, op->getResultTypes(), input);
    else
      rewriter.replaceOpWithNewOp<ClipOp>(
          op, op->getResultTypes(), input,
          rewriter.getF32FloatAttr(bounds->low),
          rewriter.getF32FloatAttr(bounds->high));
    ++count;
    return success();
  }

  Pass::Statistic &count;
};

struct SimplifyActivations
    : lcp::impl::SimplifyActivationsBase<SimplifyActivations> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<SimplifyBounds>(&getContext(), numRewritten);
    if (failed(
            applyPatternsAndFoldGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};
} // namespace
