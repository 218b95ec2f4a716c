//===- ModelInfo.h - What a bundle says about its model ---------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The root of a bundle as plain structures: what the executor, the cluster and
// the tools work with. Made by the loader only, after every check; the fields
// mean what they mean in runtime/schema/bundle.fbs.
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_BUNDLE_MODELINFO_H
#define LCP_RUNTIME_BUNDLE_MODELINFO_H

#include "common/base/PartFormat.h"
#include "common/base/Tensor.h"
#include "runtime/io/Image.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace lcp::rt {

struct ModelPart {
  PartFormat format;
  std::vector<std::string> features;
  /// Indices of segments.
  std::optional<uint32_t> code, weights;
  uint64_t arenaBytes = 0;
  /// Indices of the branch's slots.
  std::vector<uint32_t> inputs, outputs;
  std::vector<std::string> layerNames;
};

struct ModelGolden {
  /// Indices of segments, one for every input and output of the model or of the
  /// branch.
  std::vector<uint32_t> inputs, outputs;
  float tolerance = 0;
};

struct ModelBranch {
  /// "s0.b2": stage 0, branch 2.
  std::string name;
  std::string target, device;
  /// Indices of the model's values.
  std::vector<uint32_t> inputs, outputs;
  /// First the inputs, then the outputs, then what parts hand to each other.
  std::vector<TensorSpec> slots;
  std::vector<ModelPart> parts;
  /// For checking the branch alone.
  std::vector<ModelGolden> golden;
  /// The bundle is for another device and does not have the parts.
  bool omitted = false;

  Span<const TensorSpec> inputSpecs() const {
    return {slots.data(), inputs.size()};
  }
  Span<const TensorSpec> outputSpecs() const {
    return {slots.data() + inputs.size(), outputs.size()};
  }
};

struct ModelStage {
  /// Counts stages only: the number in a branch's name.
  unsigned index = 0;
  bool parallel = false;
  /// Of a parallel one: branch b is for device firstDevice + b.
  uint32_t firstDevice = 0;
  std::vector<ModelBranch> branches;
};

struct ModelMerge {
  enum class Kind { Concat, Sum };
  Kind kind = Kind::Concat;
  unsigned axis = 0;
  /// Empty: as the inputs come. Else result position i is position order[i] of
  /// the inputs one after the other.
  std::vector<uint32_t> order;
  std::vector<uint32_t> inputs;
  uint32_t output = 0;
};

using ModelStep = std::variant<ModelStage, ModelMerge>;

struct ModelInput {
  uint32_t value = 0;
  std::optional<ImagePreprocessing> image;
};

/// The images that inputs of one inference are made of, by the value of the
/// input; of those that are.
using InputImages = std::map<uint32_t, EncodedImage>;

struct ModelOutput {
  uint32_t value = 0;
  std::vector<std::string> labels;
};

/// What a value is on average: an estimate where it is missing.
struct ModelMean {
  uint32_t value = 0;
  /// The index of a segment of dense elements.
  uint32_t segment = 0;
};

struct ModelInfo {
  std::string name, producer, producerFlags;
  uint32_t schemaVersion = 0;
  std::vector<TensorSpec> values;
  std::vector<ModelInput> inputs;
  std::vector<ModelOutput> outputs;
  std::vector<ModelStep> steps;
  std::vector<ModelGolden> golden;
  std::vector<ModelMean> means;
  /// 1 for a model that is not split.
  uint32_t split = 1;
  bool trainedAfterSplit = false;

  const TensorSpec &inputSpec(size_t i) const {
    return values[inputs[i].value];
  }
  const TensorSpec &outputSpec(size_t i) const {
    return values[outputs[i].value];
  }
  /// Every stage, in order.
  std::vector<const ModelStage *> stages() const;
  /// The merge whose result a value is; null if it is none's.
  const ModelMerge *mergeOf(uint32_t value) const;
  /// How many devices parallel stages use, numbered from 0; 0: no such stage.
  size_t deviceCount() const;
  /// False for a bundle that leaves out what is for other devices.
  bool isComplete() const;
};

/// Checks everything that concerns the model alone: indices, shapes, that every
/// value and slot is written once before it is read. `segmentSizes` has the
/// size of every segment.
Status checkModel(const ModelInfo &model, Span<const uint64_t> segmentSizes);

} // namespace lcp::rt

#endif // LCP_RUNTIME_BUNDLE_MODELINFO_H
