//===- Inputs.cpp - What to run a model on --------------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Inputs.h"
#include "runtime/io/FileArguments.h"

#include <cstring>
#include <random>

namespace lcp::rt {
namespace {

void fillWithNoise(const TensorSpec &spec, Span<std::byte> bytes) {
  std::mt19937 random(1);
  if (spec.type == ElementType::F32) {
    std::uniform_real_distribution<float> uniform(-1, 1);
    auto *values = reinterpret_cast<float *>(bytes.data());
    for (size_t i = 0; i < bytes.size() / sizeof(float); ++i)
      values[i] = uniform(random);
    return;
  }
  for (std::byte &byte : bytes)
    byte = std::byte(random());
}

} // namespace

void InputSet::fill(Executor &executor, uint64_t index) const {
  for (size_t i = 0; i < batches.size(); ++i) {
    Span<std::byte> to = executor.input(i);
    std::memcpy(to.data(), batches[i].buffer.data() + index * to.size(),
                to.size());
    executor.setImage(i, images[i].empty() ? std::nullopt
                                           : std::optional(images[i][index]));
  }
}

std::optional<ImageForm> InputSet::form() const {
  for (const std::vector<EncodedImage> &ofInput : images)
    if (!ofInput.empty())
      return ofInput.front().form;
  return std::nullopt;
}

Status InputSet::decode(Executor &executor, uint64_t index) const {
  const ModelInfo &model = executor.model();
  for (size_t i = 0; i < images.size(); ++i) {
    if (images[i].empty())
      continue;
    const EncodedImage &image = images[i][index];
    Span<std::byte> to = executor.input(i);
    LCP_RETURN_IF_ERROR(readImage(
        image.form, *image.bytes, model.inputSpec(i), *model.inputs[i].image,
        {reinterpret_cast<float *>(to.data()), to.size() / sizeof(float)}));
  }
  return {};
}

Result<InputSet> readInputs(const ModelInfo &model,
                            const std::vector<std::string> &arguments) {
  std::vector<TensorSpec> specs;
  specs.reserve(model.inputs.size());
  for (size_t i = 0; i < model.inputs.size(); ++i)
    specs.push_back(model.inputSpec(i));
  LCP_ASSIGN_OR_RETURN(std::vector<std::string> files,
                       assignInputFiles(specs, "--input", arguments));
  InputSet set;
  set.files = files;
  set.images.resize(files.size());
  for (size_t i = 0; i < files.size(); ++i) {
    LCP_ASSIGN_OR_RETURN(
        InputBatch batch,
        readInput(files[i], model.inputSpec(i),
                  model.inputs[i].image.value_or(ImagePreprocessing())));
    if (i > 0 && batch.count != set.count)
      return Status(StatusCode::InvalidArgument,
                    "'" + files[i] + "' is for " + std::to_string(batch.count) +
                        " inferences, '" + files[0] + "' for " +
                        std::to_string(set.count));
    set.count = batch.count;
    set.stacked = set.stacked || batch.stacked;
    set.batches.push_back(std::move(batch));
  }
  return set;
}

Status findImages(const ModelInfo &model, InputSet &inputs, uint64_t count) {
  for (size_t i = 0; i < inputs.files.size(); ++i)
    if (model.inputs[i].image) {
      LCP_ASSIGN_OR_RETURN(inputs.images[i],
                           findCompactForm(inputs.files[i], model.inputSpec(i),
                                           *model.inputs[i].image,
                                           inputs.batches[i], count));
    }
  return {};
}

Result<std::vector<ReencodedInput>>
reencodeImages(const ModelInfo &model, unsigned quality, InputSet &inputs) {
  LCP_RETURN_IF_ERROR(findImages(model, inputs, inputs.count));
  std::vector<ReencodedInput> all;
  for (size_t i = 0; i < inputs.files.size(); ++i) {
    if (!model.inputs[i].image)
      continue;
    std::vector<EncodedImage> &images = inputs.images[i];
    ReencodedInput one;
    one.name = model.inputSpec(i).name;
    one.exactBytes = images.empty() ? inputs.batches[i].buffer.size()
                                    : images[0].bytes->size();
    LCP_ASSIGN_OR_RETURN(EncodedImage image,
                         reencode(inputs.files[i], model.inputSpec(i),
                                  *model.inputs[i].image, quality,
                                  inputs.batches[i], one.loss));
    one.bytes = image.bytes->size();
    images = {std::move(image)};
    all.push_back(std::move(one));
  }
  if (all.empty())
    return Status(StatusCode::InvalidArgument,
                  "--input-quality is for images, and the bundle describes no "
                  "input as one (lcp-compile --image)");
  return all;
}

Result<InputSet> makeInputs(const Bundle &bundle) {
  const ModelInfo &model = bundle.model();
  InputSet set;
  set.images.resize(model.inputs.size());
  for (size_t i = 0; i < model.inputs.size(); ++i) {
    const TensorSpec &spec = model.inputSpec(i);
    LCP_ASSIGN_OR_RETURN(uint64_t size, byteSize(spec));
    InputBatch batch;
    LCP_ASSIGN_OR_RETURN(batch.buffer, AlignedBuffer::allocate(size));
    if (model.golden.empty()) {
      fillWithNoise(spec, batch.buffer.bytes());
    } else {
      LCP_ASSIGN_OR_RETURN(ByteSpan golden,
                           bundle.segment(model.golden[0].inputs[i]));
      std::memcpy(batch.buffer.data(), golden.data(), size);
    }
    set.batches.push_back(std::move(batch));
  }
  return set;
}

} // namespace lcp::rt
