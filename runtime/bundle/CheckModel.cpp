//===- CheckModel.cpp - Does a bundle's model make sense? -----------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "common/base/Arithmetic.h"
#include "runtime/bundle/ModelInfo.h"

#include <algorithm>
#include <cmath>

namespace lcp::rt {
namespace {

constexpr size_t maxRank = 8;
/// Planning memory is quadratic in these; no model of ours comes near.
constexpr size_t maxTensors = 32768;
constexpr size_t maxBranches = 4096;
constexpr size_t maxDevices = 4096;

Status corrupt(const std::string &what) {
  return Status(StatusCode::Corrupt, what);
}

bool sameType(const TensorSpec &a, const TensorSpec &b) {
  return a.type == b.type && a.shape == b.shape;
}

Status checkSpec(const TensorSpec &spec) {
  if (spec.shape.size() > maxRank)
    return corrupt("tensor '" + spec.name + "' has more than 8 dimensions");
  for (int64_t dim : spec.shape)
    if (dim <= 0)
      return corrupt("tensor '" + spec.name + "' has a dimension below 1");
  Result<uint64_t> size = byteSize(spec);
  if (!size.ok())
    return corrupt("tensor '" + spec.name + "': " + size.status().message());
  return {};
}

Status checkSegment(std::optional<uint32_t> index, size_t segments,
                    const std::string &where) {
  if (index && *index >= segments)
    return corrupt(where + " refers to a segment that does not exist");
  return {};
}

/// Which of a list of tensors have been written so far.
class Written {
public:
  Written(size_t count, const char *kind) : flags(count), kind(kind) {}

  Status read(uint32_t index, const std::string &where) const {
    if (index >= flags.size())
      return corrupt(where + " reads " + kind + " " + std::to_string(index) +
                     ", which does not exist");
    if (!flags[index])
      return corrupt(where + " reads " + kind + " " + std::to_string(index) +
                     " before it is written");
    return {};
  }

  Status write(uint32_t index, const std::string &where) {
    if (index >= flags.size())
      return corrupt(where + " writes " + kind + " " + std::to_string(index) +
                     ", which does not exist");
    if (flags[index])
      return corrupt(where + " writes " + kind + " " + std::to_string(index) +
                     ", which has a writer");
    flags[index] = true;
    return {};
  }

private:
  std::vector<bool> flags;
  const char *kind;
};

Status checkParts(const ModelBranch &branch, const std::string &where,
                  size_t segments) {
  const size_t inputs = branch.inputs.size(), outputs = branch.outputs.size();
  Written slots(branch.slots.size(), "slot");
  for (uint32_t i = 0; i < inputs; ++i)
    LCP_RETURN_IF_ERROR(slots.write(i, where));
  for (size_t p = 0; p < branch.parts.size(); ++p) {
    const ModelPart &part = branch.parts[p];
    const std::string name = where + ", part " + std::to_string(p);
    LCP_RETURN_IF_ERROR(checkSegment(part.code, segments, name));
    LCP_RETURN_IF_ERROR(checkSegment(part.weights, segments, name));
    if (part.arenaBytes > INT64_MAX)
      return corrupt(name + " has an arena size that does not fit");
    for (uint32_t slot : part.inputs)
      LCP_RETURN_IF_ERROR(slots.read(slot, name));
    for (uint32_t slot : part.outputs)
      LCP_RETURN_IF_ERROR(slots.write(slot, name));
  }
  for (uint32_t i = 0; i < outputs; ++i)
    LCP_RETURN_IF_ERROR(slots.read(uint32_t(inputs + i), where + "'s end"));
  return {};
}

Status checkGoldenTensors(const ModelInfo &model, Span<const uint32_t> segments,
                          Span<const uint32_t> values,
                          Span<const uint64_t> segmentSizes) {
  if (segments.size() != values.size())
    return corrupt("golden tensors do not fit the inputs or outputs of the "
                   "model or a branch");
  for (size_t i = 0; i < segments.size(); ++i) {
    LCP_RETURN_IF_ERROR(
        checkSegment(segments[i], segmentSizes.size(), "a golden tensor"));
    LCP_ASSIGN_OR_RETURN(uint64_t size, byteSize(model.values[values[i]]));
    if (segmentSizes[segments[i]] != size)
      return corrupt("a golden tensor has not its value's size");
  }
  return {};
}

/// Golden sets of the model or of a branch, whose `inputs` and `outputs` are
/// values that exist.
Status checkGolden(const ModelInfo &model, Span<const ModelGolden> sets,
                   Span<const uint32_t> inputs, Span<const uint32_t> outputs,
                   Span<const uint64_t> segmentSizes) {
  for (const ModelGolden &golden : sets) {
    if (!std::isfinite(golden.tolerance) || golden.tolerance < 0)
      return corrupt("a golden tolerance is not a number of 0 or more");
    LCP_RETURN_IF_ERROR(
        checkGoldenTensors(model, golden.inputs, inputs, segmentSizes));
    LCP_RETURN_IF_ERROR(
        checkGoldenTensors(model, golden.outputs, outputs, segmentSizes));
  }
  return {};
}

Status checkModelGolden(const ModelInfo &model,
                        Span<const uint64_t> segmentSizes) {
  std::vector<uint32_t> inputs, outputs;
  for (const ModelInput &input : model.inputs)
    inputs.push_back(input.value);
  for (const ModelOutput &output : model.outputs)
    outputs.push_back(output.value);
  return checkGolden(model, model.golden, inputs, outputs, segmentSizes);
}

Status checkBranch(const ModelInfo &model, const ModelBranch &branch,
                   const Written &values, Span<const uint64_t> segmentSizes) {
  const std::string where = "branch " + branch.name;
  const size_t inputs = branch.inputs.size(), outputs = branch.outputs.size();
  if (branch.slots.size() < inputs + outputs)
    return corrupt(where + " has fewer slots than inputs and outputs");
  if (branch.slots.size() > maxTensors)
    return corrupt(where + " has too many slots");
  for (const TensorSpec &slot : branch.slots)
    LCP_RETURN_IF_ERROR(checkSpec(slot));
  for (size_t i = 0; i < inputs; ++i) {
    LCP_RETURN_IF_ERROR(values.read(branch.inputs[i], where));
    if (!sameType(branch.slots[i], model.values[branch.inputs[i]]))
      return corrupt(where + ": input " + std::to_string(i) +
                     " has not its value's type");
  }
  for (size_t i = 0; i < outputs; ++i)
    if (branch.outputs[i] >= model.values.size() ||
        !sameType(branch.slots[inputs + i], model.values[branch.outputs[i]]))
      return corrupt(where + ": output " + std::to_string(i) +
                     " has not its value's type");
  LCP_RETURN_IF_ERROR(checkGolden(model, branch.golden, branch.inputs,
                                  branch.outputs, segmentSizes));
  if (!branch.omitted)
    return checkParts(branch, where, segmentSizes.size());
  return branch.parts.empty() && branch.golden.empty()
             ? Status()
             : corrupt(where + " is omitted but has parts or golden tensors");
}

Status checkStage(const ModelInfo &model, const ModelStage &stage,
                  Written &values, Span<const uint64_t> segmentSizes) {
  const std::string where = "stage s" + std::to_string(stage.index);
  if (stage.branches.empty() || stage.branches.size() > maxBranches ||
      (!stage.parallel && stage.branches.size() != 1))
    return corrupt(where + " has not the number of branches of its kind");
  if (stage.firstDevice > maxDevices - stage.branches.size() ||
      (!stage.parallel && stage.firstDevice != 0))
    return corrupt(where + " is for devices that its kind cannot have");
  for (const ModelBranch &branch : stage.branches)
    LCP_RETURN_IF_ERROR(checkBranch(model, branch, values, segmentSizes));
  // Only now, so that no branch reads what a neighbour writes.
  for (const ModelBranch &branch : stage.branches)
    for (uint32_t output : branch.outputs)
      LCP_RETURN_IF_ERROR(values.write(output, "branch " + branch.name));
  return {};
}

Status checkOrder(const ModelMerge &merge, int64_t size) {
  if (merge.order.empty())
    return {};
  if (merge.order.size() != uint64_t(size))
    return corrupt("a merge's order has not the size of its axis");
  std::vector<bool> seen(merge.order.size());
  for (uint32_t position : merge.order) {
    if (position >= seen.size() || seen[position])
      return corrupt("a merge's order is not a permutation");
    seen[position] = true;
  }
  return {};
}

Status checkConcat(const ModelInfo &model, const ModelMerge &merge) {
  const TensorSpec &output = model.values[merge.output];
  if (merge.axis >= output.shape.size())
    return corrupt("a merge's axis does not exist");
  uint64_t sum = 0;
  for (uint32_t input : merge.inputs) {
    TensorSpec spec = model.values[input];
    if (spec.shape.size() != output.shape.size())
      return corrupt("a merge's inputs differ in rank");
    // Each fits 63 bits and the sum is compared every time: no wrapping.
    sum += uint64_t(spec.shape[merge.axis]);
    spec.shape[merge.axis] = output.shape[merge.axis];
    if (!sameType(spec, output) || sum > uint64_t(output.shape[merge.axis]))
      return corrupt("a concatenation's shapes do not fit");
  }
  if (sum != uint64_t(output.shape[merge.axis]))
    return corrupt("a concatenation's shapes do not fit");
  return checkOrder(merge, output.shape[merge.axis]);
}

Status checkSum(const ModelInfo &model, const ModelMerge &merge) {
  const TensorSpec &output = model.values[merge.output];
  if (output.type == ElementType::I8 || !merge.order.empty())
    return corrupt("a sum of 8-bit integers, or one with an order");
  for (uint32_t input : merge.inputs)
    if (!sameType(model.values[input], output))
      return corrupt("a sum's shapes differ");
  return {};
}

Status checkMerge(const ModelInfo &model, const ModelMerge &merge,
                  Written &values) {
  if (merge.inputs.empty())
    return corrupt("a merge has no inputs");
  for (uint32_t input : merge.inputs)
    LCP_RETURN_IF_ERROR(values.read(input, "a merge"));
  LCP_RETURN_IF_ERROR(values.write(merge.output, "a merge"));
  return merge.kind == ModelMerge::Kind::Sum ? checkSum(model, merge)
                                             : checkConcat(model, merge);
}

Status checkImage(const ImagePreprocessing &image, const TensorSpec &spec) {
  const std::string where = "input '" + spec.name + "'";
  if (spec.shape.size() != 4 || spec.type != ElementType::F32)
    return corrupt(where + " is said to be an image but is " + toString(spec));
  for (const std::vector<float> *values : {&image.mean, &image.scale}) {
    if (values->size() > 1 && values->size() != uint64_t(spec.shape[1]))
      return corrupt(where + ": mean or scale has not one number a channel");
    for (float value : *values)
      if (!std::isfinite(value))
        return corrupt(where + ": mean or scale is not a finite number");
  }
  return {};
}

Status checkMeans(const ModelInfo &model, Span<const uint64_t> segmentSizes) {
  for (const ModelMean &mean : model.means) {
    if (mean.value >= model.values.size())
      return corrupt("there is a mean of a value that does not exist");
    LCP_RETURN_IF_ERROR(
        checkSegment(mean.segment, segmentSizes.size(), "a mean"));
    LCP_ASSIGN_OR_RETURN(uint64_t size, byteSize(model.values[mean.value]));
    if (segmentSizes[mean.segment] != size)
      return corrupt("a mean has not its value's size");
  }
  return {};
}

Status checkOutputs(const ModelInfo &model, const Written &values) {
  if (model.outputs.empty())
    return corrupt("the model has no outputs");
  for (const ModelOutput &output : model.outputs) {
    LCP_RETURN_IF_ERROR(values.read(output.value, "the model's output"));
    const TensorSpec &spec = model.values[output.value];
    uint64_t classes = spec.shape.empty() ? 1 : spec.shape.back();
    if (!output.labels.empty() && output.labels.size() != classes)
      return corrupt("output '" + spec.name + "' has " +
                     std::to_string(output.labels.size()) + " labels for " +
                     std::to_string(classes) + " classes");
  }
  return {};
}

} // namespace

std::vector<const ModelStage *> ModelInfo::stages() const {
  std::vector<const ModelStage *> result;
  for (const ModelStep &step : steps)
    if (const auto *stage = std::get_if<ModelStage>(&step))
      result.push_back(stage);
  return result;
}

const ModelMerge *ModelInfo::mergeOf(uint32_t value) const {
  for (const ModelStep &step : steps)
    if (const auto *merge = std::get_if<ModelMerge>(&step);
        merge && merge->output == value)
      return merge;
  return nullptr;
}

size_t ModelInfo::deviceCount() const {
  size_t count = 0;
  for (const ModelStage *stage : stages())
    if (stage->parallel)
      count = std::max(count, stage->firstDevice + stage->branches.size());
  return count;
}

bool ModelInfo::isComplete() const {
  for (const ModelStage *stage : stages())
    for (const ModelBranch &branch : stage->branches)
      if (branch.omitted)
        return false;
  return true;
}

Status checkModel(const ModelInfo &model, Span<const uint64_t> segmentSizes) {
  if (model.values.size() > maxTensors)
    return corrupt("the model has too many values");
  for (const TensorSpec &value : model.values)
    LCP_RETURN_IF_ERROR(checkSpec(value));
  Written values(model.values.size(), "value");
  for (const ModelInput &input : model.inputs) {
    LCP_RETURN_IF_ERROR(values.write(input.value, "the model's input"));
    if (input.image)
      LCP_RETURN_IF_ERROR(checkImage(*input.image, model.values[input.value]));
  }
  for (const ModelStep &step : model.steps) {
    const auto *stage = std::get_if<ModelStage>(&step);
    LCP_RETURN_IF_ERROR(
        stage ? checkStage(model, *stage, values, segmentSizes)
              : checkMerge(model, std::get<ModelMerge>(step), values));
  }
  LCP_RETURN_IF_ERROR(checkOutputs(model, values));
  LCP_RETURN_IF_ERROR(checkModelGolden(model, segmentSizes));
  return checkMeans(model, segmentSizes);
}

} // namespace lcp::rt
