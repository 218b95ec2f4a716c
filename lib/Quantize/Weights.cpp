//===- Weights.cpp - i8 weights and i32 bias of one layer ----------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Weights.h"
#include "lcp/Dialect/LCP/IR/NodeName.h"
#include "mlir/IR/Builders.h"
#include <cmath>

using namespace mlir;
using namespace mlir::lcp;

// Below this a channel is as good as empty, and 1 / scale would overflow.
static constexpr double kMinScale = 1e-30;

static float maxAbs(ArrayRef<float> values) {
  float result = 0;
  for (float value : values)
    result = std::isnan(value) ? value : std::max(result, std::fabs(value));
  return result;
}

static double chooseScale(double weightRange, double bias, double inputScale,
                          const QuantSpec &spec) {
  double scale = std::max(weightRange / QuantSpec::kMaxMagnitude,
                          std::fabs(bias) / (inputScale * spec.maxBias));
  return scale < kMinScale ? 1 : scale;
}

static void quantizeRow(ArrayRef<float> row, double scale,
                        MutableArrayRef<int8_t> result) {
  constexpr double limit = QuantSpec::kMaxMagnitude;
  for (auto [value, quantized] : llvm::zip_equal(row, result))
    quantized = static_cast<int8_t>(
        std::clamp(std::nearbyint(value / scale), -limit, limit));
}

static std::string hint(Location loc, StringRef suffix) {
  return (getNodeName(loc, "layer") + suffix).str();
}

FailureOr<IntegerWeights>
mlir::lcp::quantizeWeights(OpBuilder &builder, Location loc, ConstantOp weight,
                           ConstantOp bias, double inputScale,
                           const QuantSpec &spec) {
  SmallVector<float> weightStorage, biasStorage;
  ArrayRef<float> weights = weight.getValues<float>(weightStorage), biases;
  if (bias)
    biases = bias.getValues<float>(biasStorage);
  int64_t channels = weight.getType().getDimSize(0);
  int64_t depth = weights.size() / channels;

  IntegerWeights result;
  std::vector<int32_t> integerBias(channels);
  auto blob = HeapAsmResourceBlob::allocate(weights.size(), /*align=*/64,
                                            /*dataIsMutable=*/true);
  MutableArrayRef<int8_t> bytes(
      reinterpret_cast<int8_t *>(blob.getMutableData().data()), weights.size());
  for (int64_t channel = 0; channel < channels; ++channel) {
    ArrayRef<float> row = weights.slice(channel * depth, depth);
    double offset = bias ? biases[channel] : 0, range = maxAbs(row);
    if (!std::isfinite(range) || !std::isfinite(offset))
      return emitError(loc, "weights of output channel ")
             << channel << " are not finite";
    double scale = chooseScale(range, offset, inputScale, spec);
    quantizeRow(row, scale, bytes.slice(channel * depth, depth));
    result.accumulatorScales.push_back(scale * inputScale);
    integerBias[channel] =
        static_cast<int32_t>(std::nearbyint(offset / (scale * inputScale)));
  }
  auto type =
      cast<RankedTensorType>(weight.getType().clone(builder.getIntegerType(8)));
  result.weight = createConstant(builder, loc, type, hint(loc, ".weight_i8"),
                                 std::move(blob));
  result.bias = createConstant<int32_t>(
      builder, loc, RankedTensorType::get(channels, builder.getI32Type()),
      hint(loc, ".bias_i32"), integerBias);
  return result;
}
