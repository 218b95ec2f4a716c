//===- Merge.cpp - One value out of the branches' -------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/executor/Merge.h"

#include <algorithm>
#include <cstring>

namespace lcp::rt {
namespace {

template <typename T>
void sum(Span<const std::byte *const> inputs, std::byte *output,
         uint64_t count) {
  T *out = reinterpret_cast<T *>(output);
  std::memcpy(out, inputs[0], count * sizeof(T));
  for (size_t i = 1; i < inputs.size(); ++i) {
    const std::byte *in = inputs[i];
    for (uint64_t j = 0; j < count; ++j) {
      T addend;
      std::memcpy(&addend, in + j * sizeof(T), sizeof(T));
      out[j] += addend;
    }
  }
}

} // namespace

PreparedMerge::PreparedMerge(const ModelInfo &model, const ModelMerge &merge)
    : kind(merge.kind), type(model.values[merge.output].type), elements(1) {
  for (int64_t dim : model.values[merge.output].shape)
    elements *= uint64_t(dim);
  if (kind == ModelMerge::Kind::Concat)
    prepareConcat(model, merge);
}

void PreparedMerge::prepareConcat(const ModelInfo &model,
                                  const ModelMerge &merge) {
  const std::vector<int64_t> &shape = model.values[merge.output].shape;
  uint64_t inner = elementSize(type);
  for (size_t i = merge.axis + 1; i < shape.size(); ++i)
    inner *= uint64_t(shape[i]);
  for (size_t i = 0; i < merge.axis; ++i)
    rows *= uint64_t(shape[i]);
  outputRow = inner * uint64_t(shape[merge.axis]);

  // Where each input begins, the inputs one after the other.
  std::vector<uint64_t> starts;
  uint64_t end = 0;
  for (uint32_t input : merge.inputs) {
    uint64_t size = uint64_t(model.values[input].shape[merge.axis]);
    inputRows.push_back(inner * size);
    starts.push_back(end);
    end += size;
  }
  if (merge.order.empty()) {
    for (uint32_t i = 0; i < merge.inputs.size(); ++i)
      copies.push_back({i, 0, starts[i] * inner, inputRows[i]});
    return;
  }
  // An axis with an order is no longer than the bundle that lists it.
  for (uint64_t position = 0; position < merge.order.size(); ++position) {
    auto after =
        std::upper_bound(starts.begin(), starts.end(), merge.order[position]);
    uint32_t input = uint32_t(after - starts.begin()) - 1;
    uint64_t from = (merge.order[position] - starts[input]) * inner;
    if (!copies.empty() && copies.back().input == input &&
        copies.back().from + copies.back().size == from)
      copies.back().size += inner;
    else
      copies.push_back({input, from, position * inner, inner});
  }
}

void PreparedMerge::run(Span<const std::byte *const> inputs,
                        std::byte *output) const {
  if (kind == ModelMerge::Kind::Concat)
    return runConcat(inputs, output);
  // The loader refuses sums of 8-bit integers; 32-bit ones wrap.
  if (type == ElementType::F32)
    return sum<float>(inputs, output, elements);
  sum<uint32_t>(inputs, output, elements);
}

void PreparedMerge::runConcat(Span<const std::byte *const> inputs,
                              std::byte *output) const {
  for (uint64_t row = 0; row < rows; ++row)
    for (const Copy &copy : copies)
      std::memcpy(output + row * outputRow + copy.to,
                  inputs[copy.input] + row * inputRows[copy.input] + copy.from,
                  copy.size);
}

} // namespace lcp::rt
