//===- Tensor.cpp - Values of the reference interpreter ------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lcp/Reference/Tensor.h"
#include <cmath>
#include <cstring>

using namespace mlir;
using namespace mlir::lcp::reference;

Tensor Tensor::zeros(RankedTensorType type) {
  Tensor tensor;
  tensor.type = type;
  if (tensor.isFloat())
    tensor.floats.resize(type.getNumElements());
  else
    tensor.ints.resize(type.getNumElements());
  return tensor;
}

// memcpy, since the bytes of a file or blob need not be aligned for From.
template <typename From, typename To>
static void widen(ArrayRef<char> raw, std::vector<To> &to) {
  const bool splat = raw.size() == sizeof(From);
  for (size_t i = 0; i < to.size(); ++i) {
    From value;
    std::memcpy(&value, raw.data() + (splat ? 0 : i * sizeof(From)),
                sizeof(From));
    to[i] = value;
  }
}

FailureOr<Tensor> Tensor::fromRaw(RankedTensorType type, ArrayRef<char> raw) {
  const size_t width = type.getElementTypeBitWidth() / 8;
  if (raw.size() != width && raw.size() != width * type.getNumElements())
    return failure();
  Tensor tensor = zeros(type);
  if (tensor.isFloat())
    widen<float>(raw, tensor.floats);
  else if (width == 1)
    widen<int8_t>(raw, tensor.ints);
  else
    widen<int32_t>(raw, tensor.ints);
  return tensor;
}

template <typename To, typename From>
static void narrow(const std::vector<From> &values, char *raw) {
  for (size_t i = 0; i < values.size(); ++i) {
    To value = static_cast<To>(values[i]);
    std::memcpy(raw + i * sizeof(To), &value, sizeof(To));
  }
}

void Tensor::writeRaw(MutableArrayRef<char> raw) const {
  if (isFloat())
    narrow<float>(floats, raw.data());
  else if (type.getElementType().isInteger(8))
    narrow<int8_t>(ints, raw.data());
  else
    narrow<int32_t>(ints, raw.data());
}

double Tensor::maxAbs() const {
  double largest = 0;
  for (double value : floats) {
    if (std::isnan(value))
      return value;
    largest = std::max(largest, std::fabs(value));
  }
  for (int32_t value : ints)
    largest = std::max(largest, std::fabs(double(value)));
  return largest;
}
