//===- Attributes.cpp - Typed access to a node's attributes ---------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Attributes.h"

#include <cstring>

namespace lcp::onnx {

const Attribute *Attributes::find(std::string_view name, Attribute::Kind kind,
                                  const char *kindName) {
  const Attribute *attribute = node.find(name);
  if (!attribute || attribute->kind == kind)
    return attribute;
  if (firstProblem.empty())
    firstProblem = "attribute '" + std::string(name) + "' is not " + kindName;
  return nullptr;
}

int64_t Attributes::getInt(std::string_view name, int64_t otherwise) {
  auto *attribute = find(name, Attribute::Kind::Int, "an integer");
  return attribute ? attribute->i : otherwise;
}

float Attributes::getFloat(std::string_view name, float otherwise) {
  auto *attribute = find(name, Attribute::Kind::Float, "a float");
  return attribute ? attribute->f : otherwise;
}

std::string Attributes::getString(std::string_view name,
                                  std::string otherwise) {
  auto *attribute = find(name, Attribute::Kind::String, "a string");
  return attribute ? attribute->s : otherwise;
}

std::optional<std::vector<int64_t>> Attributes::getInts(std::string_view name) {
  auto *attribute = find(name, Attribute::Kind::Ints, "a list of integers");
  if (!attribute)
    return std::nullopt;
  return attribute->ints;
}

const Tensor *Attributes::getTensor(std::string_view name) {
  auto *attribute = find(name, Attribute::Kind::Tensor, "a tensor");
  return attribute ? &attribute->tensor : nullptr;
}

std::optional<int64_t> normalizeAxis(int64_t axis, int64_t rank) {
  if (axis < -rank || axis >= rank)
    return std::nullopt;
  return axis < 0 ? axis + rank : axis;
}

std::optional<std::vector<int64_t>> toIntegerList(const Tensor &tensor) {
  if (tensor.dims.size() > 1 ||
      (tensor.type != ElementType::Int64 && tensor.type != ElementType::Int32))
    return std::nullopt;
  // By the bytes held: a shape alone may claim any number of elements.
  std::vector<int64_t> values(tensor.byteSize / elementSize(tensor.type));
  if (values.empty())
    return values;
  if (tensor.type == ElementType::Int64) {
    std::memcpy(values.data(), tensor.data.get(), tensor.byteSize);
    return values;
  }
  auto *narrow = reinterpret_cast<const int32_t *>(tensor.data.get());
  values.assign(narrow, narrow + values.size());
  return values;
}

} // namespace lcp::onnx
