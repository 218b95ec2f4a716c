//===- FeatureMap.cpp - How tensors lie in activation memory -------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/gemm/compiler/FeatureMap.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::lcp;
using namespace mlir::lcp::gemm;

MemRefType MapShape::getType(MLIRContext *context) const {
  return MemRefType::get({batch, height, width, channels},
                         IntegerType::get(context, 8));
}

std::optional<MapShape> gemm::getMapShape(RankedTensorType type) {
  ArrayRef<int64_t> shape = type.getShape();
  if (shape.size() == 4)
    return MapShape{shape[0], shape[1], shape[2], shape[3]};
  if (shape.size() == 2)
    return MapShape{shape[0], shape[1], 1, 1};
  return std::nullopt;
}

std::optional<MapShape> gemm::reshapeMap(const MapShape &input,
                                         RankedTensorType type) {
  std::optional<MapShape> output = getMapShape(type);
  if (!output || output->batch != input.batch)
    return std::nullopt;
  // Flattened, or not reshaped at all: the feature map stays as it is.
  if (type.getRank() == 2 || *output == input)
    return input;
  // With one channel, or one pixel, channels-last is the tensor's own order.
  auto isLinear = [](const MapShape &map) {
    return map.channels == 1 || map.isPixel();
  };
  if (isLinear(input) && isLinear(*output))
    return output;
  return std::nullopt;
}

std::optional<MapShape> gemm::getMapShape(Value value) {
  auto type = cast<RankedTensorType>(value.getType());
  Operation *op = value.getDefiningOp();
  if (!op)
    return getMapShape(type);
  return llvm::TypeSwitch<Operation *, std::optional<MapShape>>(op)
      .Case<FlattenOp, ReshapeOp>([&](auto reshape) -> std::optional<MapShape> {
        auto input = getMapShape(reshape.getInput());
        return input ? reshapeMap(*input, type) : std::nullopt;
      })
      .Case<IdentityOp, DropoutOp, ReluOp, ClipOp, AddOp, SubOp, ScaledSumOp,
            RequantizeOp, QuantizeOp, DequantizeOp>(
          [&](Operation *same) { return getMapShape(same->getOperand(0)); })
      .Default([&](Operation *) { return getMapShape(type); });
}
