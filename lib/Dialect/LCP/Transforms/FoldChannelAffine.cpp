//===- FoldChannelAffine.cpp - Scales and shifts into the layer before --===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Constants.h"
#include "lcp/Dialect/LCP/Transforms/Passes.h"
#include "llvm/ADT/TypeSwitch.h"
#include <cmath>

namespace mlir::lcp {
#define GEN_PASS_DEF_FOLDCHANNELAFFINE
#include "lcp/Dialect/LCP/Transforms/Passes.h.inc"
} // namespace mlir::lcp

using namespace mlir;
using namespace mlir::lcp;

namespace {
/// out[c] = scale[c] * layer[c] + shift[c], composed in double.
struct ChannelAffine {
  std::vector<double> scale, shift;
  explicit ChannelAffine(int64_t channels)
      : scale(channels, 1), shift(channels, 0) {}

  /// Applies x -> x * by[c] + plus[c] after what is there.
  void compose(ArrayRef<double> by, ArrayRef<double> plus) {
    for (size_t c = 0; c < scale.size(); ++c) {
      scale[c] *= by[c];
      shift[c] = shift[c] * by[c] + plus[c];
    }
  }
};
} // namespace

/// One value a channel of a constant that is constant elsewhere once it is
/// broadcast to `type` (channels on axis 1); none if it is not.
static std::optional<std::vector<double>> channelValues(Value value,
                                                        RankedTensorType type) {
  ConstantOp constant = getFloatConstant(value);
  if (!constant || constant.getType().getRank() > type.getRank())
    return std::nullopt;
  ArrayRef<int64_t> shape = constant.getType().getShape();
  int64_t channels = type.getDimSize(1);
  int64_t axis = 1 - (type.getRank() - static_cast<int64_t>(shape.size()));
  for (auto [i, size] : llvm::enumerate(shape))
    if (size != 1 && static_cast<int64_t>(i) != axis)
      return std::nullopt;
  SmallVector<float> splat;
  ArrayRef<float> values = constant.getValues<float>(splat);
  if (values.size() == 1)
    return std::vector<double>(channels, values[0]);
  return std::vector<double>(values.begin(), values.end());
}

/// Appends `op` to the chain if it is a batch_norm of `value`.
static bool absorbBatchNorm(BatchNormOp op, Value value,
                            ChannelAffine &affine) {
  auto type = cast<RankedTensorType>(value.getType());
  if (op.getAxis() != 1 || op.getInput() != value)
    return false;
  // The four vectors align with the last dimension of such a type.
  auto vectors =
      RankedTensorType::get({1, type.getDimSize(1)}, type.getElementType());
  auto scale = channelValues(op.getScale(), vectors);
  auto bias = channelValues(op.getBias(), vectors);
  auto mean = channelValues(op.getMean(), vectors);
  auto variance = channelValues(op.getVariance(), vectors);
  if (!scale || !bias || !mean || !variance)
    return false;
  for (size_t c = 0; c < scale->size(); ++c) {
    (*scale)[c] /= std::sqrt((*variance)[c] + op.getEpsilon().convertToFloat());
    (*bias)[c] -= (*mean)[c] * (*scale)[c];
    if (!std::isfinite((*scale)[c]))
      return false;
  }
  affine.compose(*scale, *bias);
  return true;
}

/// Appends `op` to the chain if it is mul, add or sub of `value` and one
/// constant a channel.
static bool absorbArithmetic(Operation *op, Value value,
                             ChannelAffine &affine) {
  if (!isa<MulOp, AddOp, SubOp>(op) ||
      op->getResult(0).getType() != value.getType())
    return false;
  bool valueFirst = op->getOperand(0) == value;
  auto constant = channelValues(op->getOperand(valueFirst ? 1 : 0),
                                cast<RankedTensorType>(value.getType()));
  if (!constant)
    return false;
  std::vector<double> ones(constant->size(), 1), zeros(constant->size(), 0);
  if (isa<MulOp>(op)) {
    affine.compose(*constant, zeros);
  } else if (isa<SubOp>(op) && !valueFirst) {
    affine.compose(std::vector<double>(constant->size(), -1), *constant);
  } else {
    if (isa<SubOp>(op))
      for (double &x : *constant)
        x = -x;
    affine.compose(ones, *constant);
  }
  return true;
}

/// `weight` with row c multiplied by scale[c]; `weight` itself if all are 1.
static Value scaleRows(OpBuilder &builder, ConstantOp weight,
                       ArrayRef<double> scale) {
  if (llvm::all_of(scale, [](double x) { return x == 1; }))
    return weight;
  SmallVector<float> splat;
  ArrayRef<float> old = weight.getValues<float>(splat);
  size_t rowSize = old.size() / scale.size();
  return replaceConstant(builder, weight, [&](MutableArrayRef<float> values) {
    for (size_t c = 0; c < scale.size(); ++c)
      for (size_t i = c * rowSize; i < (c + 1) * rowSize; ++i)
        values[i] = static_cast<float>(old[i] * scale[c]);
  });
}

/// Scales and shifts what `layer` puts out. Its weight and bias are constant.
template <typename Layer>
static void applyTo(Layer layer, const ChannelAffine &affine) {
  OpBuilder builder(layer);
  ConstantOp weight = getFloatConstant(layer.getWeight());
  ConstantOp bias =
      layer.getBias() ? getFloatConstant(layer.getBias()) : ConstantOp();
  layer.getWeightMutable().assign(scaleRows(builder, weight, affine.scale));
  auto type = RankedTensorType::get({static_cast<int64_t>(affine.shift.size())},
                                    builder.getF32Type());
  auto shift = [&](MutableArrayRef<float> values) {
    SmallVector<float> splat;
    ArrayRef<float> old;
    if (bias)
      old = bias.getValues<float>(splat);
    for (size_t c = 0; c < values.size(); ++c)
      values[c] = static_cast<float>((bias ? old[c] * affine.scale[c] : 0) +
                                     affine.shift[c]);
  };
  ConstantOp shifted =
      bias ? replaceConstant(builder, bias, shift)
           : createFilledConstant(builder, layer.getLoc(), type, "bias", shift);
  layer.getBiasMutable().assign(ValueRange(shifted));
  SmallVector<Operation *> replaced{weight};
  if (bias)
    replaced.push_back(bias);
  eraseIfUnused(replaced);
}

namespace {
struct FoldChannelAffine : lcp::impl::FoldChannelAffineBase<FoldChannelAffine> {
  void runOnOperation() override {
    // Collected first: folding erases what follows a layer.
    SmallVector<Operation *> layers;
    getOperation().walk([&](Operation *op) {
      if (isa<Conv2DOp, DenseOp>(op))
        layers.push_back(op);
    });
    for (Operation *op : layers)
      llvm::TypeSwitch<Operation *>(op).Case<Conv2DOp, DenseOp>(
          [&](auto layer) { foldChainAfter(layer); });
  }

private:
  template <typename Layer> void foldChainAfter(Layer layer);
};
} // namespace

template <typename Layer> void FoldChannelAffine::foldChainAfter(Layer layer) {
  Value result = layer.getResult(), end = result;
  if (!getFloatConstant(layer.getWeight()) ||
      (layer.getBias() && !getFloatConstant(layer.getBias())))
    return;
  ChannelAffine affine(cast<RankedTensorType>(result.getType()).getDimSize(1));
  SmallVector<Operation *> chain;
  while (end.hasOneUse()) {
    Operation *user = *end.user_begin();
    auto batchNorm = dyn_cast<BatchNormOp>(user);
    if (batchNorm ? !absorbBatchNorm(batchNorm, end, affine)
                  : !absorbArithmetic(user, end, affine))
      break;
    ++(batchNorm ? numBatchNorms : numArithmetic);
    chain.push_back(user);
    end = user->getResult(0);
  }
  if (chain.empty())
    return;
  applyTo(layer, affine);
  end.replaceAllUsesWith(result);
  eraseIfUnused({chain.back()});
}
