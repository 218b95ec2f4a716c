//===- ModelSignature.cpp - A bundle's branches as models -----------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/rpc/ModelSignature.h"

#include <algorithm>

using namespace lcp;
using namespace lcp::rt;

static std::vector<TensorSpec>
namedValues(const ModelInfo &model, const std::vector<uint32_t> &values) {
  std::vector<TensorSpec> specs;
  for (uint32_t value : values) {
    TensorSpec spec = model.values[value];
    bool shared = std::any_of(values.begin(), values.end(), [&](uint32_t v) {
      return v != value && model.values[v].name == spec.name;
    });
    if (spec.name.empty() || shared)
      spec.name = "value" + std::to_string(value);
    specs.push_back(std::move(spec));
  }
  return specs;
}

/// What the bundle says of those of `values` that are the model's inputs.
static std::vector<std::optional<ImagePreprocessing>>
imagesOf(const ModelInfo &model, const std::vector<uint32_t> &values) {
  std::vector<std::optional<ImagePreprocessing>> images;
  for (uint32_t value : values) {
    auto input = std::find_if(
        model.inputs.begin(), model.inputs.end(),
        [&](const ModelInput &input) { return input.value == value; });
    images.push_back(input == model.inputs.end() ? std::nullopt : input->image);
  }
  return images;
}

static std::vector<std::vector<TensorSpec>>
piecesOf(const ModelInfo &model, const std::vector<uint32_t> &values) {
  std::vector<std::vector<TensorSpec>> pieces;
  for (uint32_t value : values) {
    pieces.emplace_back();
    if (const ModelMerge *merge = model.mergeOf(value))
      for (uint32_t piece : merge->inputs)
        pieces.back().push_back(model.values[piece]);
  }
  return pieces;
}

std::string lcp::rt::bundleVersion(const Bundle &bundle) {
  const Sha256Digest &identity = bundle.identity();
  return toHex({identity.data(), identity.size()});
}

ModelSignature lcp::rt::branchSignature(const ModelInfo &model,
                                        const std::string &version,
                                        const ModelBranch &branch) {
  return {model.name + "." + branch.name,    version,
          namedValues(model, branch.inputs), namedValues(model, branch.outputs),
          imagesOf(model, branch.inputs),    piecesOf(model, branch.inputs)};
}

ModelSignature lcp::rt::wholeSignature(const ModelInfo &model,
                                       const std::string &version) {
  std::vector<uint32_t> inputs, outputs;
  for (const ModelInput &input : model.inputs)
    inputs.push_back(input.value);
  for (const ModelOutput &output : model.outputs)
    outputs.push_back(output.value);
  return {model.name, version, namedValues(model, inputs),
          namedValues(model, outputs), imagesOf(model, inputs)};
}
