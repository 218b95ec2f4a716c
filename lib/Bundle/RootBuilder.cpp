//===- RootBuilder.cpp - A compiled model as FlatBuffers ----------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RootBuilder.h"

#include "runtime/schema/Layout.h"
#include "runtime/schema/bundle_generated.h"

using namespace mlir;
using namespace mlir::lcp;
namespace fb = ::lcp::rt::fb;

template <typename T> using Ref = flatbuffers::Offset<T>;
template <typename T> using Refs = std::vector<Ref<T>>;

namespace {

fb::Sha256 toStruct(const ::lcp::rt::Sha256Digest &digest) {
  return fb::Sha256(
      flatbuffers::span<const uint8_t, 32>(digest.data(), digest.size()));
}

class RootBuilder {
public:
  RootBuilder(const CompiledModel &compiled, const BundleInfo &info,
              const BundleContents &contents, Segments &segments, Location loc)
      : compiled(compiled), model(compiled.model), info(info),
        contents(contents), segments(segments), loc(loc) {}

  FailureOr<flatbuffers::DetachedBuffer> build();

private:
  auto string(StringRef text) {
    return builder.CreateString(text.data(), text.size());
  }
  auto strings(ArrayRef<std::string> texts) {
    return builder.CreateVectorOfStrings(texts.vec());
  }
  template <typename T, typename Range> auto numbers(const Range &range) {
    return builder.CreateVector(std::vector<T>(range.begin(), range.end()));
  }

  FailureOr<int32_t> segment(ArrayRef<char> bytes, uint32_t alignment);
  FailureOr<Ref<fb::TensorSpec>> spec(StringRef name, RankedTensorType type);
  template <typename Slots>
  FailureOr<Refs<fb::TensorSpec>> specs(const Slots &slots);
  FailureOr<Ref<fb::Part>> part(const CompiledPart &part);
  FailureOr<Ref<fb::Branch>> branch(const Unit &unit,
                                    const CompiledUnit &compiledUnit,
                                    bool parallel, bool omitted);
  FailureOr<Ref<fb::Step>> stage(const Stage &stage,
                                 ArrayRef<CompiledUnit> units);
  Ref<fb::Step> merge(const MergeStep &merge);
  FailureOr<Refs<fb::Step>> steps();
  FailureOr<Ref<fb::ImagePreprocessing>> image();
  FailureOr<Refs<fb::Input>> inputs();
  FailureOr<Refs<fb::Output>> outputs();
  FailureOr<std::vector<uint32_t>> goldenTensors(const GoldenSet &set,
                                                 ArrayRef<uint32_t> values);
  FailureOr<Refs<fb::Golden>> golden(ArrayRef<uint32_t> inputs,
                                     ArrayRef<uint32_t> outputs);
  FailureOr<Refs<fb::Mean>> means();
  Refs<fb::Segment> segmentTable();

  const CompiledModel &compiled;
  const OutlinedModel &model;
  const BundleInfo &info;
  const BundleContents &contents;
  Segments &segments;
  Location loc;
  flatbuffers::FlatBufferBuilder builder;
};

FailureOr<int32_t> RootBuilder::segment(ArrayRef<char> bytes,
                                        uint32_t alignment) {
  FailureOr<int32_t> index = segments.add(bytes, alignment);
  if (failed(index))
    emitError(loc) << "cannot hash a part of the bundle";
  return index;
}

FailureOr<Ref<fb::TensorSpec>> RootBuilder::spec(StringRef name,
                                                 RankedTensorType type) {
  fb::ElementType element;
  if (type.getElementType().isF32())
    element = fb::ElementType::F32;
  else if (type.getElementType().isInteger(8))
    element = fb::ElementType::I8;
  else if (type.getElementType().isInteger(32))
    element = fb::ElementType::I32;
  else
    return emitError(loc) << "a bundle cannot hold tensor '" << name << "' of "
                          << type << ": only f32, i8 and i32";
  auto nameRef = string(name);
  return fb::CreateTensorSpec(builder, nameRef, element,
                              numbers<int64_t>(type.getShape()));
}

template <typename Slots>
FailureOr<Refs<fb::TensorSpec>> RootBuilder::specs(const Slots &slots) {
  Refs<fb::TensorSpec> refs;
  for (const auto &slot : slots) {
    FailureOr<Ref<fb::TensorSpec>> ref = spec(slot.name, slot.type);
    if (failed(ref))
      return failure();
    refs.push_back(*ref);
  }
  return refs;
}

FailureOr<Ref<fb::Part>> RootBuilder::part(const CompiledPart &part) {
  FailureOr<int32_t> code = segment(part.code.bytes, part.code.alignment);
  FailureOr<int32_t> weights =
      segment(part.weights.bytes, part.weights.alignment);
  if (failed(code) || failed(weights))
    return failure();
  auto noDriver = string("");
  auto isa = string(part.format.isa);
  auto features = strings(part.features);
  auto inputs = numbers<uint32_t>(part.inputs);
  auto outputs = numbers<uint32_t>(part.outputs);
  auto layers = strings(part.layers);
  auto format = string(part.format.name);
  return fb::CreatePart(builder, noDriver, part.format.version, isa, features,
                        *code, *weights, part.arenaBytes, inputs, outputs,
                        layers, format);
}

FailureOr<Ref<fb::Branch>> RootBuilder::branch(const Unit &unit,
                                               const CompiledUnit &compiledUnit,
                                               bool parallel, bool omitted) {
  Refs<fb::Part> parts;
  if (!omitted)
    for (const CompiledPart &compiledPart : compiledUnit.branch.parts) {
      FailureOr<Ref<fb::Part>> ref = part(compiledPart);
      if (failed(ref))
        return failure();
      parts.push_back(*ref);
    }
  FailureOr<Refs<fb::TensorSpec>> slots = specs(compiledUnit.branch.slots);
  if (failed(slots))
    return failure();
  FailureOr<Refs<fb::Golden>> goldenRefs(Refs<fb::Golden>{});
  if (parallel && !omitted)
    goldenRefs = golden(unit.inputs, unit.outputs);
  if (failed(goldenRefs))
    return failure();
  auto target = string(compiledUnit.target->getName());
  auto device = string(compiledUnit.target->getDevice());
  auto inputs = numbers<uint32_t>(unit.inputs);
  auto outputs = numbers<uint32_t>(unit.outputs);
  auto slotsRef = builder.CreateVector(*slots);
  auto partsRef = builder.CreateVector(parts);
  flatbuffers::Offset<flatbuffers::Vector<Ref<fb::Golden>>> goldenRef;
  if (!goldenRefs->empty())
    goldenRef = builder.CreateVector(*goldenRefs);
  return fb::CreateBranch(builder, target, device, inputs, outputs, slotsRef,
                          partsRef, omitted, goldenRef);
}

FailureOr<Ref<fb::Step>> RootBuilder::stage(const Stage &stage,
                                            ArrayRef<CompiledUnit> units) {
  Refs<fb::Branch> branches;
  for (auto [index, unit, compiledUnit] : llvm::enumerate(stage.units, units)) {
    bool omitted =
        contents.device &&
        (!stage.parallel || *contents.device != stage.firstDevice + index);
    FailureOr<Ref<fb::Branch>> ref =
        branch(unit, compiledUnit, stage.parallel, omitted);
    if (failed(ref))
      return failure();
    branches.push_back(*ref);
  }
  auto stageRef =
      fb::CreateStage(builder, stage.parallel, builder.CreateVector(branches),
                      stage.firstDevice);
  return fb::CreateStep(builder, stageRef);
}

Ref<fb::Step> RootBuilder::merge(const MergeStep &merge) {
  flatbuffers::Offset<flatbuffers::Vector<uint32_t>> order;
  if (!merge.order.empty())
    order = numbers<uint32_t>(merge.order);
  auto inputs = numbers<uint32_t>(merge.inputs);
  bool isSum = merge.kind == MergeKind::Sum;
  auto mergeRef = fb::CreateMerge(
      builder, isSum ? fb::MergeKind::Sum : fb::MergeKind::Concat,
      isSum ? 0 : uint32_t(merge.axis), order, inputs, merge.output);
  return fb::CreateStep(builder, /*stage=*/0, mergeRef);
}

FailureOr<Refs<fb::Step>> RootBuilder::steps() {
  Refs<fb::Step> refs;
  size_t stageIndex = 0;
  for (const std::variant<Stage, MergeStep> &step : model.steps) {
    if (const auto *mergeStep = std::get_if<MergeStep>(&step)) {
      refs.push_back(merge(*mergeStep));
      continue;
    }
    FailureOr<Ref<fb::Step>> ref =
        stage(std::get<Stage>(step), compiled.units[stageIndex++]);
    if (failed(ref))
      return failure();
    refs.push_back(*ref);
  }
  return refs;
}

FailureOr<Ref<fb::ImagePreprocessing>> RootBuilder::image() {
  RankedTensorType type = model.values[model.inputs[0]].type;
  if (type.getRank() != 4 || !type.getElementType().isF32())
    return emitError(loc) << "image preprocessing needs an input of 1xCxHxW "
                             "f32, the model's is "
                          << type;
  for (const std::vector<float> *list : {&info.image->mean, &info.image->scale})
    if (list->size() > 1 && int64_t(list->size()) != type.getDimSize(1))
      return emitError(loc)
             << "image preprocessing has " << list->size() << " numbers for "
             << type.getDimSize(1) << " channels: give one, or one a channel";
  auto mean = builder.CreateVector(info.image->mean);
  auto scale = builder.CreateVector(info.image->scale);
  return fb::CreateImagePreprocessing(builder, mean, scale,
                                      info.image->bgr ? fb::ChannelOrder::BGR
                                                      : fb::ChannelOrder::RGB);
}

FailureOr<Refs<fb::Input>> RootBuilder::inputs() {
  Refs<fb::Input> refs;
  for (uint32_t value : model.inputs) {
    Ref<fb::ImagePreprocessing> imageRef;
    if (info.image && refs.empty()) {
      FailureOr<Ref<fb::ImagePreprocessing>> made = image();
      if (failed(made))
        return failure();
      imageRef = *made;
    }
    refs.push_back(fb::CreateInput(builder, value, imageRef));
  }
  return refs;
}

FailureOr<Refs<fb::Output>> RootBuilder::outputs() {
  Refs<fb::Output> refs;
  for (uint32_t value : model.outputs) {
    ArrayRef<std::string> labels;
    if (refs.empty())
      labels = info.labels;
    ArrayRef<int64_t> shape = model.values[value].type.getShape();
    int64_t classes = shape.empty() ? 1 : shape.back();
    if (!labels.empty() && int64_t(labels.size()) != classes)
      return emitError(loc) << "there are " << labels.size() << " labels for "
                            << classes << " classes";
    refs.push_back(fb::CreateOutput(builder, value, strings(labels)));
  }
  return refs;
}

FailureOr<std::vector<uint32_t>>
RootBuilder::goldenTensors(const GoldenSet &set, ArrayRef<uint32_t> values) {
  std::vector<uint32_t> indices;
  for (uint32_t value : values) {
    const std::vector<char> &tensor = set.values[value];
    RankedTensorType type = model.values[value].type;
    if (int64_t(tensor.size()) * 8 !=
        type.getNumElements() * int64_t(type.getElementTypeBitWidth()))
      return emitError(loc) << "a golden tensor has " << tensor.size()
                            << " bytes, which is not " << type;
    FailureOr<int32_t> index = segment(tensor, /*alignment=*/64);
    if (failed(index))
      return failure();
    indices.push_back(uint32_t(*index));
  }
  return indices;
}

FailureOr<Refs<fb::Golden>> RootBuilder::golden(ArrayRef<uint32_t> inputs,
                                                ArrayRef<uint32_t> outputs) {
  Refs<fb::Golden> refs;
  for (const GoldenSet &set : info.golden) {
    if (set.values.size() != model.values.size())
      return emitError(loc)
             << "a golden set has " << set.values.size() << " tensors for "
             << model.values.size() << " values";
    FailureOr<std::vector<uint32_t>> in = goldenTensors(set, inputs);
    FailureOr<std::vector<uint32_t>> out = goldenTensors(set, outputs);
    if (failed(in) || failed(out))
      return failure();
    auto inputsRef = builder.CreateVector(*in);
    auto outputsRef = builder.CreateVector(*out);
    refs.push_back(
        fb::CreateGolden(builder, inputsRef, outputsRef, set.tolerance));
  }
  return refs;
}

FailureOr<Refs<fb::Mean>> RootBuilder::means() {
  Refs<fb::Mean> refs;
  // One device alone merges nothing.
  if (contents.device)
    return refs;
  for (const ValueMean &mean : info.means) {
    FailureOr<int32_t> index = segment(mean.elements, /*alignment=*/64);
    if (failed(index))
      return failure();
    refs.push_back(fb::CreateMean(builder, mean.value, uint32_t(*index)));
  }
  return refs;
}

Refs<fb::Segment> RootBuilder::segmentTable() {
  // FlatBuffers leaves out a field that equals its default. Segments without a
  // place yet get an offset that is none, so the root has its final size.
  Refs<fb::Segment> refs;
  for (const Segments::Segment &segment : segments.get()) {
    fb::Sha256 digest = toStruct(segment.sha256);
    refs.push_back(
        fb::CreateSegment(builder, segment.offset ? segment.offset : UINT64_MAX,
                          segment.bytes.size(), segment.alignment, &digest));
  }
  return refs;
}

FailureOr<flatbuffers::DetachedBuffer> RootBuilder::build() {
  FailureOr<Refs<fb::TensorSpec>> values = specs(model.values);
  if (failed(values))
    return failure();
  FailureOr<Refs<fb::Input>> inputRefs = inputs();
  if (failed(inputRefs))
    return failure();
  FailureOr<Refs<fb::Output>> outputRefs = outputs();
  if (failed(outputRefs))
    return failure();
  FailureOr<Refs<fb::Step>> stepRefs = steps();
  if (failed(stepRefs))
    return failure();
  // One device has no way to compute the whole answer.
  FailureOr<Refs<fb::Golden>> goldenRefs(Refs<fb::Golden>{});
  if (!contents.device)
    goldenRefs = golden(model.inputs, model.outputs);
  if (failed(goldenRefs))
    return failure();
  FailureOr<Refs<fb::Mean>> meanRefs = means();
  if (failed(meanRefs))
    return failure();
  auto producer = string(info.producer);
  auto flags = string(info.producerFlags);
  auto name = string(model.name);
  auto valuesRef = builder.CreateVector(*values);
  auto inputsRef = builder.CreateVector(*inputRefs);
  auto outputsRef = builder.CreateVector(*outputRefs);
  auto stepsRef = builder.CreateVector(*stepRefs);
  auto segmentsRef = builder.CreateVector(segmentTable());
  auto goldenRef = builder.CreateVector(*goldenRefs);
  auto meansRef = builder.CreateVector(*meanRefs);
  std::optional<fb::Sha256> whole;
  if (contents.whole)
    whole = toStruct(*contents.whole);
  fb::FinishBundleBuffer(
      builder, fb::CreateBundle(builder, ::lcp::rt::bundleSchemaVersion,
                                producer, flags, name, valuesRef, inputsRef,
                                outputsRef, stepsRef, segmentsRef, goldenRef,
                                model.split, model.trainedAfterSplit,
                                whole ? &*whole : nullptr, meansRef));
  return builder.Release();
}

} // namespace

FailureOr<flatbuffers::DetachedBuffer>
mlir::lcp::buildRoot(const CompiledModel &compiled, const BundleInfo &info,
                     const BundleContents &contents, Segments &segments,
                     Location loc) {
  return RootBuilder(compiled, info, contents, segments, loc).build();
}
