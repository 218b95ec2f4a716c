//===- ConstantNumbers.cpp - Elements of any type as numbers --------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ConstantNumbers.h"

#include <cmath>
#include <cstring>

namespace lcp::onnx {

bool isFloating(ElementType type) {
  return type == ElementType::Float || type == ElementType::Double ||
         type == ElementType::Float16 || type == ElementType::BFloat16;
}

static double halfToDouble(uint16_t bits) {
  int exponent = (bits >> 10) & 31, mantissa = bits & 1023;
  double value = exponent == 0    ? std::ldexp(mantissa, -24)
                 : exponent == 31 ? (mantissa ? std::nan("") : HUGE_VAL)
                                  : std::ldexp(mantissa + 1024, exponent - 25);
  return bits & 0x8000 ? -value : value;
}

template <typename T> static T load(const Tensor &tensor, int64_t i) {
  T value;
  std::memcpy(&value, tensor.data.get() + i * sizeof(T), sizeof(T));
  return value;
}

static double loadFloat(const Tensor &tensor, int64_t i) {
  switch (tensor.type) {
  case ElementType::Float:
    return load<float>(tensor, i);
  case ElementType::Double:
    return load<double>(tensor, i);
  case ElementType::Float16:
    return halfToDouble(load<uint16_t>(tensor, i));
  default: { // BFloat16: the upper half of a float
    uint32_t bits = uint32_t(load<uint16_t>(tensor, i)) << 16;
    float value;
    std::memcpy(&value, &bits, sizeof(value));
    return value;
  }
  }
}

static int64_t loadInt(const Tensor &tensor, int64_t i) {
  switch (tensor.type) {
  case ElementType::Bool:
    return load<uint8_t>(tensor, i) != 0;
  case ElementType::UInt8:
    return load<uint8_t>(tensor, i);
  case ElementType::Int8:
    return load<int8_t>(tensor, i);
  case ElementType::UInt16:
    return load<uint16_t>(tensor, i);
  case ElementType::Int16:
    return load<int16_t>(tensor, i);
  case ElementType::Int32:
    return load<int32_t>(tensor, i);
  case ElementType::UInt32:
    return load<uint32_t>(tensor, i);
  default:
    return load<int64_t>(tensor, i);
  }
}

std::optional<Numbers> toNumbers(const Tensor &tensor) {
  Numbers numbers;
  numbers.floating = isFloating(tensor.type);
  int64_t count = tensor.numElements();
  if (count > maxNumbers)
    return std::nullopt;
  if (numbers.floating)
    numbers.floats.reserve(static_cast<size_t>(count));
  else
    numbers.ints.reserve(static_cast<size_t>(count));
  for (int64_t i = 0; i < count; ++i)
    if (numbers.floating)
      numbers.floats.push_back(loadFloat(tensor, i));
    else
      numbers.ints.push_back(loadInt(tensor, i));
  return numbers;
}

template <typename T, typename From>
static void store(Tensor &tensor, const std::vector<From> &values) {
  auto *out = reinterpret_cast<T *>(tensor.data.get());
  for (From value : values)
    *out++ = static_cast<T>(value);
}

std::optional<Tensor> fromNumbers(ElementType type, std::vector<int64_t> dims,
                                  const Numbers &numbers,
                                  ConstantBudget &budget, std::string &reason) {
  std::optional<Tensor> tensor = makeTensor(type, std::move(dims), budget);
  if (!tensor)
    return std::nullopt;
  switch (type) {
  case ElementType::Float:
    store<float>(*tensor, numbers.floats);
    break;
  case ElementType::Double:
    store<double>(*tensor, numbers.floats);
    break;
  case ElementType::Bool:
    store<bool>(*tensor, numbers.ints);
    break;
  case ElementType::Int32:
    store<int32_t>(*tensor, numbers.ints);
    break;
  case ElementType::Int64:
    store<int64_t>(*tensor, numbers.ints);
    break;
  default:
    reason = std::string("constants of ") + elementTypeName(type) +
             " are not computed";
    return std::nullopt;
  }
  return tensor;
}

} // namespace lcp::onnx
