//===- ImportElementwise.cpp - Elementwise operators ----------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NodeImporter.h"

#include <cstring>
#include <limits>

using namespace mlir;
using namespace mlir::lcp;

// x * sigmoid(alpha * x), from opset 24 on.
static LogicalResult importSwish(NodeImporter &n) {
  Value x = n.tensor(0);
  if (!x)
    return failure();
  float alpha = n.attributes().getFloat("alpha", 1.0f);
  Value scaled = x;
  if (alpha != 1.0f) {
    Value factor = n.makeConstant({1}, alpha, "alpha");
    scaled = n.emit<MulOp>({x, factor});
  }
  Value gate = scaled ? n.emitTyped<SigmoidOp>(x.getType(), scaled) : Value();
  return gate ? n.finish(n.emit<MulOp>({x, gate})) : failure();
}

// Bounds are attributes before opset 11, and optional inputs from it on.
static LogicalResult importClip(NodeImporter &n) {
  constexpr float infinity = std::numeric_limits<float>::infinity();
  Value x = n.tensor(0);
  if (!x)
    return failure();
  float low = n.attributes().getFloat("min", -infinity);
  float high = n.attributes().getFloat("max", infinity);
  if (n.opset() >= 11) {
    FailureOr<float> min = n.floatScalar(1, -infinity, "min");
    FailureOr<float> max = n.floatScalar(2, infinity, "max");
    if (failed(min) || failed(max))
      return failure();
    low = *min;
    high = *max;
  }
  return n.finish(n.emitTyped<ClipOp>(
      x.getType(), x, {n.attr("min", low), n.attr("max", high)}));
}

// By a constant only, as a product with the reciprocals.
static LogicalResult importDiv(NodeImporter &n) {
  Value x = n.tensor(0);
  const reader::Tensor *divisor = n.floatConstant(1, "divisor");
  if (!x || !divisor)
    return failure();
  std::vector<float> inverse(divisor->byteSize / sizeof(float));
  std::memcpy(inverse.data(), divisor->data.get(), divisor->byteSize);
  for (float &value : inverse)
    value = 1.0f / value;
  if (inverse.empty())
    return n.fail("its divisor is empty");
  Value factor = n.makeConstant(divisor->dims, inverse, n.node().inputs[1]);
  return n.finish(n.emit<MulOp>({x, factor}));
}

static LogicalResult importSum(NodeImporter &n) {
  Value sum = n.tensor(0);
  for (size_t i = 1; sum && i < n.numInputs(); ++i) {
    Value next = n.tensor(i);
    sum = next ? n.emit<AddOp>({sum, next}) : Value();
  }
  // The sum of one value is that value; a fresh name for it costs nothing.
  return n.finish(sum);
}

// A scalar or absent training_mode must be false; a mask that is read would
// have to be computed.
static LogicalResult importDropout(NodeImporter &n) {
  Value x = n.tensor(0);
  if (!x)
    return failure();
  float ratio = n.attributes().getFloat("ratio", 0.5f);
  if (n.opset() >= 12) {
    FailureOr<float> input = n.floatScalar(1, 0.5f, "ratio");
    if (failed(input))
      return failure();
    ratio = *input;
  }
  if (n.opset() >= 12 && n.has(2)) {
    const reader::Tensor *training = n.constant(2);
    if (!training || training->byteSize != 1 || training->data.get()[0] != 0)
      return n.fail("it is in training mode; export the model for inference");
  }
  if (n.opset() < 7 && n.attributes().getInt("is_test", 0) == 0)
    return n.fail("it is in training mode; export the model for inference");
  if (n.isUsed(1))
    return n.fail("its mask is used");
  return n.finish(
      n.emitTyped<DropoutOp>(x.getType(), x, n.attr("ratio", ratio)));
}

// An op of its own: a branch that hands a value on has nothing else to show.
static LogicalResult importIdentity(NodeImporter &n) {
  if (n.constant(0))
    return n.forward();
  Value x = n.tensor(0);
  return x ? n.finish(n.emit<IdentityOp>(x)) : failure();
}

static LogicalResult importCast(NodeImporter &n) {
  if (n.attributes().getInt("to", 0) !=
      static_cast<int64_t>(reader::ElementType::Float))
    return n.fail("it casts to a type other than float");
  return n.finish(n.tensor(0));
}

void mlir::lcp::addElementwiseHandlers(NodeHandlers &handlers) {
  handlers["Swish"] = importSwish;
  handlers["Clip"] = importClip;
  handlers["Div"] = importDiv;
  handlers["Sum"] = importSum;
  handlers["Dropout"] = importDropout;
  handlers["Identity"] = importIdentity;
  handlers["Cast"] = importCast;
}
