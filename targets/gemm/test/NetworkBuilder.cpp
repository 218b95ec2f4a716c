//===- NetworkBuilder.cpp - Networks for tests ----------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/gemm/test/NetworkBuilder.h"

using namespace mlir;
using namespace mlir::lcp;
using namespace mlir::lcp::gemm::test;

static ArrayRef<int64_t> shapeOf(Value value) {
  return cast<RankedTensorType>(value.getType()).getShape();
}

OwningOpRef<ModuleOp> NetworkBuilder::begin(ArrayRef<int64_t> inputShape) {
  OwningOpRef<ModuleOp> module = ModuleOp::create(loc);
  builder.setInsertionPointToStart(module->getBody());
  Type input = RankedTensorType::get(inputShape, builder.getF32Type());
  auto function = builder.create<func::FuncOp>(
      loc, "unit", builder.getFunctionType(input, {}));
  builder.setInsertionPointToStart(function.addEntryBlock());
  return module;
}

void NetworkBuilder::end(OwningOpRef<ModuleOp> &module, Value result) {
  builder.create<func::ReturnOp>(loc, result);
  auto function = *module->getOps<func::FuncOp>().begin();
  function.setType(
      builder.getFunctionType(function.getArgumentTypes(), result.getType()));
}

// Of variance 1 / fan-in, so that values keep their size through layers.
Value NetworkBuilder::weights(ArrayRef<int64_t> shape) {
  auto type = RankedTensorType::get(shape, builder.getF32Type());
  int64_t fanIn = type.getNumElements() / shape[0];
  std::normal_distribution<float> normal(0, 1 / std::sqrt(float(fanIn)));
  std::vector<float> values(type.getNumElements());
  for (float &value : values)
    value = normal(random);
  return createConstant<float>(builder, loc, type, "weights", values);
}

Value NetworkBuilder::conv(Value input, int64_t channels,
                           ArrayRef<int64_t> kernel, ArrayRef<int64_t> strides,
                           ArrayRef<int64_t> pads, ArrayRef<int64_t> dilations,
                           int64_t groups) {
  Value weight =
      weights({channels, shapeOf(input)[1] / groups, kernel[0], kernel[1]});
  Value bias = pick(0, 3) ? weights({channels}) : Value();
  return builder.create<Conv2DOp>(loc, input, weight, bias, strides, pads,
                                  dilations, groups);
}

Value NetworkBuilder::conv3x3(Value input, int64_t channels, int64_t stride) {
  return conv(input, channels, {3, 3}, {stride, stride}, {1, 1, 1, 1});
}

Value NetworkBuilder::dense(Value input, int64_t outputs) {
  Value weight = weights({outputs, shapeOf(input)[1]});
  return builder.create<DenseOp>(loc, input, weight, weights({outputs}));
}

Value NetworkBuilder::relu(Value input) {
  return builder.create<ReluOp>(loc, input);
}

Value NetworkBuilder::maxPool(Value input, int64_t kernel, int64_t stride,
                              int64_t pad) {
  return builder.create<MaxPool2DOp>(
      loc, input, ArrayRef<int64_t>{kernel, kernel},
      ArrayRef<int64_t>{stride, stride}, ArrayRef<int64_t>{pad, pad, pad, pad},
      ArrayRef<int64_t>{1, 1});
}

//===----------------------------------------------------------------------===//
// Random layers
//===----------------------------------------------------------------------===//

Value NetworkBuilder::randomConv(Value input) {
  ArrayRef<int64_t> shape = shapeOf(input);
  int64_t channels = shape[1];
  SmallVector<int64_t> kernel, dilations, pads(4);
  for (unsigned i : {0u, 1u}) {
    kernel.push_back(pick(1, 3));
    dilations.push_back(pick(1, 2));
    int64_t extent = (kernel[i] - 1) * dilations[i] + 1;
    pads[i] = pick(0, extent - 1);
    // At least what the kernel needs.
    int64_t missing = extent - shape[i + 2] - pads[i];
    pads[i + 2] = std::max<int64_t>(pick(0, 2), missing);
  }
  int64_t groups = pick(0, 2) ? 1 : channels;
  int64_t outputs = groups == 1 ? pick(1, 80) : channels * pick(1, 2);
  return conv(input, outputs, kernel, {pick(1, 2), pick(1, 2)}, pads, dilations,
              groups);
}

Value NetworkBuilder::randomPool(Value input) {
  ArrayRef<int64_t> shape = shapeOf(input);
  int64_t size = std::min({shape[2], shape[3], int64_t(3)});
  if (pick(0, 1))
    return maxPool(input, size, pick(1, 3), pick(0, size - 1) / 2);
  if (pick(0, 3) == 0)
    return builder.create<GlobalAvgPoolOp>(loc, input);
  return builder.create<AvgPool2DOp>(
      loc, input, ArrayRef<int64_t>{size, size},
      ArrayRef<int64_t>{pick(1, 2), pick(1, 2)},
      ArrayRef<int64_t>{0, size - 1, size - 1, 0}, ArrayRef<int64_t>{1, 1},
      /*count_include_pad=*/true);
}

Value NetworkBuilder::randomActivation(Value input) {
  if (pick(0, 1))
    return relu(input);
  return builder.create<ClipOp>(loc, input, builder.getF32FloatAttr(-0.5f),
                                builder.getF32FloatAttr(1.0f));
}

Value NetworkBuilder::randomJoin(Value input) {
  int64_t channels = shapeOf(input)[1];
  Value other = randomActivation(conv3x3(input, channels));
  switch (pick(0, 3)) {
  case 0:
    return builder.create<SubOp>(loc, input, other);
  case 1:
    return relu(builder.create<AddOp>(loc, other, input));
  case 2: {
    Value more = conv3x3(other, pick(1, 9));
    return builder.create<ConcatOp>(loc, ValueRange{input, more, other}, 1);
  }
  default: {
    Value joined =
        builder.create<ConcatOp>(loc, ValueRange{other, input, input}, 1);
    int64_t first = pick(0, channels);
    return builder.create<SliceOp>(loc, joined, 1, first,
                                   pick(first + 1, 3 * channels));
  }
  }
}

// Alone, or added to what went around it.
Value NetworkBuilder::randomIsland(Value input) {
  switch (pick(0, 3)) {
  case 0:
    return builder.create<TanhOp>(loc, input);
  case 1:
    return builder.create<TransposeOp>(loc, input,
                                       ArrayRef<int64_t>{0, 1, 3, 2});
  case 2:
    return builder.create<mlir::lcp::AddOp>(
        loc, builder.create<TanhOp>(loc, input), input);
  default:
    return builder.create<mlir::lcp::AddOp>(
        loc, conv3x3(builder.create<SigmoidOp>(loc, input), shapeOf(input)[1]),
        input);
  }
}

Value NetworkBuilder::randomLayer(Value input) {
  if (islands && pick(0, 2) == 0)
    return randomIsland(input);
  switch (pick(0, 5)) {
  case 0:
    return randomPool(input);
  case 1:
    return randomJoin(input);
  case 2:
    return randomActivation(input);
  case 3:
    return maxPool(randomActivation(conv3x3(input, pick(1, 70))),
                   1 + pick(0, 1), 2);
  default:
    return randomConv(input);
  }
}

OwningOpRef<ModuleOp> NetworkBuilder::randomNetwork(bool withIslands) {
  islands = withIslands;
  OwningOpRef<ModuleOp> module =
      begin({pick(1, 2), pick(1, 5), pick(3, 12), pick(3, 12)});
  auto function = *module->getOps<func::FuncOp>().begin();
  Value value = randomConv(function.getArgument(0));
  for (int64_t i = pick(1, 6); i > 0; --i)
    if (shapeOf(value)[2] >= 3 && shapeOf(value)[3] >= 3)
      value = randomLayer(value);
  if (pick(0, 1)) {
    value = builder.create<FlattenOp>(loc, value, 1);
    value = dense(pick(0, 1) ? relu(value) : value, pick(1, 70));
    value = dense(relu(value), 5);
  }
  end(module, value);
  return module;
}

//===----------------------------------------------------------------------===//
// Known networks
//===----------------------------------------------------------------------===//

OwningOpRef<ModuleOp> NetworkBuilder::lenet() {
  OwningOpRef<ModuleOp> module = begin({1, 1, 28, 28});
  auto function = *module->getOps<func::FuncOp>().begin();
  Value value = function.getArgument(0);
  value = conv(value, 6, {5, 5}, {1, 1}, {2, 2, 2, 2});
  value = maxPool(relu(value), 2, 2);
  value = conv(value, 16, {5, 5}, {1, 1}, {0, 0, 0, 0});
  value = maxPool(relu(value), 2, 2);
  value = builder.create<FlattenOp>(loc, value, 1);
  value = relu(dense(value, 120));
  value = relu(dense(value, 84));
  end(module, dense(value, 10));
  return module;
}

Value NetworkBuilder::basicBlock(Value input, int64_t channels,
                                 int64_t stride) {
  Value value = relu(conv3x3(input, channels, stride));
  value = conv3x3(value, channels);
  Value skip = input;
  if (stride != 1 || shapeOf(input)[1] != channels)
    skip = conv(input, channels, {1, 1}, {stride, stride}, {0, 0, 0, 0});
  return relu(builder.create<AddOp>(loc, value, skip));
}

OwningOpRef<ModuleOp> NetworkBuilder::resnet18(int64_t width, int64_t size) {
  OwningOpRef<ModuleOp> module = begin({1, 3, size, size});
  auto function = *module->getOps<func::FuncOp>().begin();
  Value value = function.getArgument(0);
  value = relu(conv(value, width, {7, 7}, {2, 2}, {3, 3, 3, 3}));
  value = maxPool(value, 3, 2, 1);
  for (int64_t stage = 0; stage < 4; ++stage) {
    value = basicBlock(value, width << stage, stage ? 2 : 1);
    value = basicBlock(value, width << stage, 1);
  }
  value = builder.create<GlobalAvgPoolOp>(loc, value);
  value = builder.create<FlattenOp>(loc, value, 1);
  end(module, dense(value, 100));
  return module;
}
