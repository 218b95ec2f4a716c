//===- Image.cpp - How tensors lie in activation memory ------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/gemm/compiler/Image.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::lcp;
using namespace mlir::lcp::gemm;

MemRefType ImageShape::getType(MLIRContext *context) const {
  return MemRefType::get({batch, height, width, channels},
                         IntegerType::get(context, 8));
}

std::optional<ImageShape> gemm::getImageShape(RankedTensorType type) {
  ArrayRef<int64_t> shape = type.getShape();
  if (shape.size() == 4)
    return ImageShape{shape[0], shape[1], shape[2], shape[3]};
  if (shape.size() == 2)
    return ImageShape{shape[0], shape[1], 1, 1};
  return std::nullopt;
}

std::optional<ImageShape> gemm::reshapeImage(const ImageShape &input,
                                             RankedTensorType type) {
  std::optional<ImageShape> output = getImageShape(type);
  if (!output || output->batch != input.batch)
    return std::nullopt;
  // Flattened, or not reshaped at all: the image stays as it is.
  if (type.getRank() == 2 || *output == input)
    return input;
  // With one channel, or one pixel, channels-last is the tensor's own order.
  auto isLinear = [](const ImageShape &image) {
    return image.channels == 1 || image.isPixel();
  };
  if (isLinear(input) && isLinear(*output))
    return output;
  return std::nullopt;
}

std::optional<ImageShape> gemm::getImageShape(Value value) {
  auto type = cast<RankedTensorType>(value.getType());
  Operation *op = value.getDefiningOp();
  if (!op)
    return getImageShape(type);
  return llvm::TypeSwitch<Operation *, std::optional<ImageShape>>(op)
      .Case<FlattenOp, ReshapeOp>(
          [&](auto reshape) -> std::optional<ImageShape> {
            auto input = getImageShape(reshape.getInput());
            return input ? reshapeImage(*input, type) : std::nullopt;
          })
      .Case<IdentityOp, DropoutOp, ReluOp, ClipOp, AddOp, SubOp, ScaledSumOp,
            RequantizeOp, QuantizeOp, DequantizeOp>(
          [&](Operation *same) { return getImageShape(same->getOperand(0)); })
      .Default([&](Operation *) { return getImageShape(type); });
}
