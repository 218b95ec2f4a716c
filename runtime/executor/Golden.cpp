//===- Golden.cpp - Does a bundle compute what it should? -----------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/executor/Golden.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

namespace lcp::rt {
namespace {

template <typename T> double errorOf(ByteSpan actual, ByteSpan expected) {
  double largest = 0, difference = 0;
  for (size_t i = 0; i + sizeof(T) <= expected.size(); i += sizeof(T)) {
    T a, e;
    std::memcpy(&a, actual.data() + i, sizeof(T));
    std::memcpy(&e, expected.data() + i, sizeof(T));
    double distance = std::abs(double(a) - double(e));
    if (!std::isfinite(distance))
      return std::numeric_limits<double>::infinity();
    difference = std::max(difference, distance);
    largest = std::max(largest, std::abs(double(e)));
  }
  return difference / (largest == 0 ? 1 : largest);
}

} // namespace

double relativeError(ElementType type, ByteSpan actual, ByteSpan expected) {
  switch (type) {
  case ElementType::F32:
    return errorOf<float>(actual, expected);
  case ElementType::I8:
    return errorOf<int8_t>(actual, expected);
  case ElementType::I32:
    return errorOf<int32_t>(actual, expected);
  }
  return std::numeric_limits<double>::infinity();
}

Result<std::vector<GoldenComparison>> verifyGolden(const Bundle &bundle,
                                                   Executor &executor) {
  const ModelInfo &model = bundle.model();
  if (model.golden.empty())
    return Status(StatusCode::NotFound,
                  "the bundle has no golden outputs; compile with --golden");
  std::vector<GoldenComparison> results;
  for (size_t set = 0; set < model.golden.size(); ++set) {
    const ModelGolden &golden = model.golden[set];
    for (size_t i = 0; i < golden.inputs.size(); ++i) {
      LCP_ASSIGN_OR_RETURN(ByteSpan bytes, bundle.segment(golden.inputs[i]));
      std::memcpy(executor.input(i).data(), bytes.data(), bytes.size());
    }
    LCP_RETURN_IF_ERROR(executor.run());
    for (size_t i = 0; i < golden.outputs.size(); ++i) {
      LCP_ASSIGN_OR_RETURN(ByteSpan bytes, bundle.segment(golden.outputs[i]));
      const TensorSpec &spec = model.outputSpec(i);
      results.push_back({set, spec.name,
                         relativeError(spec.type, executor.output(i), bytes),
                         golden.tolerance});
    }
  }
  return results;
}

} // namespace lcp::rt
