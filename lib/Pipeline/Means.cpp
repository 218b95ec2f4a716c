//===- Means.cpp - What branches compute on average ----------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Means.h"
#include "lcp/Pipeline/Golden.h"
#include "llvm/ADT/DenseSet.h"
#include <cmath>

using namespace mlir;
using namespace mlir::lcp;
using reference::Tensor;

SmallVector<uint32_t>
mlir::lcp::findMergedFeatures(const OutlinedModel &model) {
  DenseSet<uint32_t> ofBranches;
  SetVector<uint32_t> merged;
  for (const auto &step : model.steps) {
    if (const auto *stage = std::get_if<Stage>(&step)) {
      for (const Unit &unit : stage->units)
        if (stage->parallel)
          ofBranches.insert(unit.outputs.begin(), unit.outputs.end());
      continue;
    }
    const auto &merge = std::get<MergeStep>(step);
    for (uint32_t value : merge.inputs)
      if (merge.kind == MergeKind::Concat && ofBranches.contains(value))
        merged.insert(value);
  }
  return merged.takeVector();
}

static void addTo(std::vector<double> &sum, const Tensor &tensor) {
  for (size_t i = 0; i < sum.size(); ++i)
    sum[i] += tensor.isFloat() ? tensor.floats[i] : tensor.ints[i];
}

static std::vector<char> divide(const std::vector<double> &sum, size_t count,
                                RankedTensorType type) {
  Tensor mean = Tensor::zeros(type);
  for (size_t i = 0; i < sum.size(); ++i) {
    double quotient = sum[i] / double(count);
    if (mean.isFloat())
      mean.floats[i] = quotient;
    else
      mean.ints[i] = int32_t(std::lround(quotient));
  }
  std::vector<char> bytes(getByteSize(type));
  mean.writeRaw(bytes);
  return bytes;
}

FailureOr<std::vector<ValueMean>>
mlir::lcp::measureMeans(OutlinedModel &model, ArrayRef<uint32_t> values,
                        ArrayRef<Sample> samples) {
  std::vector<std::vector<double>> sums;
  for (uint32_t value : values)
    sums.emplace_back(model.values[value].type.getNumElements(), 0.0);
  for (const Sample &sample : samples) {
    FailureOr<SmallVector<Tensor>> computed = evaluateValues(model, sample);
    if (failed(computed))
      return failure();
    for (auto [value, sum] : llvm::zip_equal(values, sums))
      addTo(sum, (*computed)[value]);
  }
  std::vector<ValueMean> means;
  for (auto [value, sum] : llvm::zip_equal(values, sums))
    means.push_back(
        {value, divide(sum, samples.size(), model.values[value].type)});
  return means;
}
