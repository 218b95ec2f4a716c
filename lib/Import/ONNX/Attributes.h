//===- Attributes.h - Typed access to a node's attributes -------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_LIB_IMPORT_ONNX_ATTRIBUTES_H
#define LCP_LIB_IMPORT_ONNX_ATTRIBUTES_H

#include "lcp/Import/ONNX/Reader.h"

#include <optional>
#include <string>
#include <vector>

namespace lcp::onnx {

/// Reads attributes with their defaults. An attribute of the wrong kind yields
/// the default and a problem, which the caller looks at when it is done.
class Attributes {
public:
  explicit Attributes(const Node &node) : node(node) {}

  bool has(std::string_view name) const { return node.find(name); }
  int64_t getInt(std::string_view name, int64_t otherwise);
  float getFloat(std::string_view name, float otherwise);
  std::string getString(std::string_view name, std::string otherwise);
  std::optional<std::vector<int64_t>> getInts(std::string_view name);
  const Tensor *getTensor(std::string_view name);
  const std::string &problem() const { return firstProblem; }

private:
  const Attribute *find(std::string_view name, Attribute::Kind kind,
                        const char *kindName);

  const Node &node;
  std::string firstProblem;
};

/// `axis` counted from the front, or empty where it is not within `rank`.
std::optional<int64_t> normalizeAxis(int64_t axis, int64_t rank);

/// The values of an integer tensor of at most one dimension.
std::optional<std::vector<int64_t>> toIntegerList(const Tensor &tensor);

} // namespace lcp::onnx

#endif // LCP_LIB_IMPORT_ONNX_ATTRIBUTES_H
