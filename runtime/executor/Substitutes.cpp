//===- Substitutes.cpp - In the place of a missing branch -----------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/executor/Substitutes.h"

#include <cstring>

namespace lcp::rt {
namespace {

/// Who reads what a branch of a parallel stage writes.
struct Readers {
  static constexpr size_t nobody = SIZE_MAX;
  /// The device of the branch that writes it.
  size_t writer = nobody;
  bool concat = false, sum = false, others = false;
};

void addStage(const ModelStage &stage, std::vector<Readers> &readers) {
  for (size_t b = 0; b < stage.branches.size(); ++b) {
    const size_t device =
        stage.parallel ? stage.firstDevice + b : Readers::nobody;
    // A later branch of the same device is missing as well.
    for (uint32_t value : stage.branches[b].inputs)
      readers[value].others |= readers[value].writer != device;
    for (uint32_t value : stage.branches[b].outputs)
      readers[value].writer = device;
  }
}

std::vector<Readers> findReaders(const ModelInfo &model) {
  std::vector<Readers> readers(model.values.size());
  for (const ModelStep &step : model.steps) {
    if (const auto *stage = std::get_if<ModelStage>(&step)) {
      addStage(*stage, readers);
      continue;
    }
    const auto &merge = std::get<ModelMerge>(step);
    for (uint32_t value : merge.inputs)
      (merge.kind == ModelMerge::Kind::Sum ? readers[value].sum
                                           : readers[value].concat) = true;
  }
  for (const ModelOutput &output : model.outputs)
    readers[output.value].others = true;
  return readers;
}

Result<ByteSpan> findMean(const Bundle &bundle, uint32_t value) {
  for (const ModelMean &mean : bundle.model().means)
    if (mean.value == value)
      return bundle.segment(mean.segment);
  return Status(StatusCode::NotFound,
                "the bundle has no mean of '" +
                    bundle.model().values[value].name +
                    "' to stand for a missing branch; compile the model with "
                    "lcp-compile --calibrate=FILE");
}

} // namespace

Result<Substitutes> Substitutes::make(const Bundle &bundle) {
  const ModelInfo &model = bundle.model();
  const std::vector<Readers> readers = findReaders(model);
  Substitutes result;
  result.ofValue.resize(model.values.size());
  for (uint32_t value = 0; value < readers.size(); ++value) {
    const Readers &reader = readers[value];
    if (reader.writer == Readers::nobody)
      continue;
    if (reader.others)
      return Status(StatusCode::Unsupported,
                    "no branch can be missing: '" + model.values[value].name +
                        "' goes elsewhere than to a merge, and nothing can "
                        "stand for it");
    Substitute &substitute = result.ofValue[value];
    substitute.needed = reader.concat || reader.sum;
    LCP_ASSIGN_OR_RETURN(substitute.size, byteSize(model.values[value]));
    if (reader.concat) {
      LCP_ASSIGN_OR_RETURN(substitute.mean, findMean(bundle, value));
    }
  }
  return result;
}

void Substitutes::fill(const ModelBranch &branch,
                       Span<std::byte *const> values) const {
  for (uint32_t value : branch.outputs) {
    const Substitute &substitute = ofValue[value];
    if (!substitute.needed)
      continue;
    if (substitute.mean.empty())
      std::memset(values[value], 0, substitute.size);
    else
      std::memcpy(values[value], substitute.mean.data(), substitute.size);
  }
}

} // namespace lcp::rt
