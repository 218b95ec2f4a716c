//===- TestBundle.cpp - Bundles for tests, sound and unsound --------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestBundle.h"

#include "runtime/schema/Layout.h"
#include "runtime/schema/bundle_generated.h"

#include <cstring>

namespace lcp::rt::test {
namespace {

/// ModelInfo back to FlatBuffers, without a question asked.
class Writer {
  template <typename T, typename L, typename F>
  auto list(const L &items, F make) {
    std::vector<flatbuffers::Offset<T>> refs;
    refs.reserve(items.size());
    for (const auto &item : items)
      refs.push_back(make(item));
    return b.CreateVector(refs);
  }

public:
  explicit Writer(const BundleDescription &from) : from(from) {}

  std::vector<std::byte> root(const std::vector<uint64_t> &offsets) {
    const ModelInfo &m = from.model;
    auto values = specs(m.values);
    auto inputs = list<fb::Input>(m.inputs, [&](const ModelInput &i) {
      return fb::CreateInput(b, i.value, image(i));
    });
    auto outputs = list<fb::Output>(m.outputs, [&](const ModelOutput &o) {
      return fb::CreateOutput(b, o.value, b.CreateVectorOfStrings(o.labels));
    });
    auto steps = list<fb::Step>(m.steps, [&](const ModelStep &s) {
      if (const auto *stage = std::get_if<ModelStage>(&s))
        return fb::CreateStep(b, this->stage(*stage));
      return fb::CreateStep(b, 0, merge(std::get<ModelMerge>(s)));
    });
    auto golden = this->golden(m.golden);
    auto means = list<fb::Mean>(m.means, [&](const ModelMean &mean) {
      return fb::CreateMean(b, mean.value, mean.segment);
    });
    auto table = segments(offsets);
    auto producer = b.CreateString(m.producer);
    auto flags = b.CreateString(m.producerFlags);
    auto name = b.CreateString(m.name);
    fb::FinishBundleBuffer(
        b, fb::CreateBundle(b, from.schemaVersion, producer, flags, name,
                            values, inputs, outputs, steps, table, golden,
                            m.split, m.trainedAfterSplit, nullptr, means));
    auto *data = reinterpret_cast<const std::byte *>(b.GetBufferPointer());
    return {data, data + b.GetSize()};
  }

private:
  flatbuffers::Offset<flatbuffers::Vector<flatbuffers::Offset<fb::TensorSpec>>>
  specs(const std::vector<TensorSpec> &items) {
    return list<fb::TensorSpec>(items, [&](const TensorSpec &s) {
      auto name = b.CreateString(s.name);
      return fb::CreateTensorSpec(b, name, fb::ElementType(s.type),
                                  b.CreateVector(s.shape));
    });
  }

  flatbuffers::Offset<flatbuffers::Vector<flatbuffers::Offset<fb::Golden>>>
  golden(const std::vector<ModelGolden> &sets) {
    return list<fb::Golden>(sets, [&](const ModelGolden &g) {
      auto in = b.CreateVector(g.inputs);
      auto out = b.CreateVector(g.outputs);
      return fb::CreateGolden(b, in, out, g.tolerance);
    });
  }

  flatbuffers::Offset<fb::ImagePreprocessing> image(const ModelInput &i) {
    if (!i.image)
      return 0;
    auto mean = b.CreateVector(i.image->mean);
    auto scale = b.CreateVector(i.image->scale);
    return fb::CreateImagePreprocessing(b, mean, scale);
  }

  flatbuffers::Offset<fb::Part> part(const ModelPart &p) {
    auto driver = b.CreateString(from.driver);
    auto isa = b.CreateString(p.format.isa);
    auto features = b.CreateVectorOfStrings(p.features);
    auto in = b.CreateVector(p.inputs);
    auto out = b.CreateVector(p.outputs);
    auto layers = b.CreateVectorOfStrings(p.layerNames);
    flatbuffers::Offset<flatbuffers::String> format;
    if (from.driver.empty())
      format = b.CreateString(p.format.name);
    return fb::CreatePart(b, driver, p.format.version, isa, features,
                          p.code ? int32_t(*p.code) : -1,
                          p.weights ? int32_t(*p.weights) : -1, p.arenaBytes,
                          in, out, layers, format);
  }

  flatbuffers::Offset<fb::Branch> branch(const ModelBranch &r) {
    auto target = b.CreateString(r.target);
    auto in = b.CreateVector(r.inputs);
    auto out = b.CreateVector(r.outputs);
    auto slots = specs(r.slots);
    auto parts =
        list<fb::Part>(r.parts, [&](const ModelPart &p) { return part(p); });
    return fb::CreateBranch(b, target, 0, in, out, slots, parts, r.omitted,
                            golden(r.golden));
  }

  flatbuffers::Offset<fb::Stage> stage(const ModelStage &s) {
    return fb::CreateStage(
        b, s.parallel,
        list<fb::Branch>(s.branches,
                         [&](const ModelBranch &r) { return branch(r); }),
        s.firstDevice);
  }

  flatbuffers::Offset<fb::Merge> merge(const ModelMerge &m) {
    flatbuffers::Offset<flatbuffers::Vector<uint32_t>> order;
    if (!m.order.empty())
      order = b.CreateVector(m.order);
    auto in = b.CreateVector(m.inputs);
    return fb::CreateMerge(b,
                           m.kind == ModelMerge::Kind::Sum
                               ? fb::MergeKind::Sum
                               : fb::MergeKind::Concat,
                           m.axis, order, in, m.output);
  }

  flatbuffers::Offset<flatbuffers::Vector<flatbuffers::Offset<fb::Segment>>>
  segments(const std::vector<uint64_t> &offsets) {
    std::vector<flatbuffers::Offset<fb::Segment>> refs;
    for (size_t i = 0; i < from.segments.size(); ++i) {
      const BundleDescription::Segment &s = from.segments[i];
      Sha256Digest digest = *sha256({s.bytes.data(), s.bytes.size()});
      fb::Sha256 value(
          flatbuffers::span<const uint8_t, 32>(digest.data(), digest.size()));
      refs.push_back(fb::CreateSegment(
          b, offsets[i] + s.offsetError,
          s.statedSize ? s.statedSize : s.bytes.size(), s.alignment, &value));
    }
    return b.CreateVector(refs);
  }

  const BundleDescription &from;
  flatbuffers::FlatBufferBuilder b;
};

void finish(std::vector<std::byte> &file, const BundleDescription &from) {
  FileHeader header;
  std::memcpy(&header, file.data(), sizeof(header));
  ByteSpan root(file.data() + header.rootOffset, header.rootSize);
  header.rootSha256 = *sha256(root);
  if (!from.signingKey.empty())
    header.signature = *Ed25519Key::readPrivate(from.signingKey)->sign(root);
  header.headerSha256 = *headerHash(header);
  std::memcpy(file.data(), &header, sizeof(header));
}

ModelPart makePart(uint32_t code, std::optional<uint32_t> weights, uint32_t in,
                   uint32_t out) {
  ModelPart part;
  part.format = {"fake", "", 1};
  part.code = code;
  part.weights = weights;
  part.arenaBytes = 64;
  part.inputs = {in};
  part.outputs = {out};
  return part;
}

std::vector<std::byte> textBytes(const std::string &text) {
  auto *data = reinterpret_cast<const std::byte *>(text.data());
  return {data, data + text.size()};
}

} // namespace

std::vector<std::byte> toBytes(const std::vector<float> &values) {
  auto *data = reinterpret_cast<const std::byte *>(values.data());
  return {data, data + values.size() * sizeof(float)};
}

std::vector<float> exampleOutput(const std::vector<float> &x) {
  // Concatenated: 2x+1 at 0..3 and 3x+1 at 4..7; the order takes them in turn.
  std::vector<float> y;
  for (float value : x) {
    y.push_back(10 * (2 * value + 1));
    y.push_back(10 * (3 * value + 1));
  }
  return y;
}

BundleDescription exampleBundle() {
  BundleDescription d;
  ModelInfo &m = d.model;
  m.name = "example";
  m.producer = "test";
  m.split = 2;
  const std::vector<int64_t> narrow = {1, 4}, wide = {1, 8};
  m.values = {{"x", ElementType::F32, narrow},
              {"a", ElementType::F32, narrow},
              {"b", ElementType::F32, narrow},
              {"merged", ElementType::F32, wide},
              {"y", ElementType::F32, wide}};
  m.inputs = {{0, {}}};
  m.outputs = {{4, {}}};
  // 0 and 1: code; 2 to 4: weights; 5 and 6: golden.
  const std::vector<float> x = {1, -2, 3.5f, 0};
  for (auto bytes : {textBytes("scale"), textBytes("increment"),
                     toBytes({2.0f}), toBytes({3.0f}), toBytes({10.0f}),
                     toBytes(x), toBytes(exampleOutput(x))})
    d.segments.push_back({std::move(bytes)});
  ModelStage stage;
  stage.parallel = true;
  for (uint32_t i = 0; i < 2; ++i) {
    ModelBranch branch;
    branch.target = "fake";
    branch.inputs = {0};
    branch.outputs = {1 + i};
    branch.slots = {m.values[0], m.values[1], m.values[1]};
    branch.parts = {makePart(0, 2 + i, 0, 2), makePart(1, {}, 2, 1)};
    stage.branches.push_back(std::move(branch));
  }
  ModelMerge merge;
  merge.axis = 1;
  merge.order = {0, 4, 1, 5, 2, 6, 3, 7};
  merge.inputs = {1, 2};
  merge.output = 3;
  ModelStage head;
  ModelBranch branch;
  branch.target = "fake";
  branch.inputs = {3};
  branch.outputs = {4};
  branch.slots = {m.values[3], m.values[4]};
  branch.parts = {makePart(0, 4, 0, 1)};
  head.branches.push_back(std::move(branch));
  m.steps = {std::move(stage), std::move(merge), std::move(head)};
  m.golden = {{{5}, {6}, 0}};
  return d;
}

BundleDescription exampleWithBranchGolden() {
  BundleDescription d = exampleBundle();
  auto &branches = std::get<ModelStage>(d.model.steps[0]).branches;
  const std::vector<float> outputs[] = {{3, -3, 8, 1}, {4, -5, 11.5f, 1}};
  for (uint32_t i = 0; i < 2; ++i) {
    branches[i].golden = {{{5}, {uint32_t(d.segments.size())}, 0}};
    d.segments.push_back({toBytes(outputs[i])});
  }
  return d;
}

AlignedBuffer write(const BundleDescription &from) {
  // As lib/Bundle does: once for the size, once with the offsets.
  std::vector<uint64_t> offsets(from.segments.size(), UINT64_MAX / 2);
  uint64_t rootSize = Writer(from).root(offsets).size();
  uint64_t end = sizeof(FileHeader) + rootSize;
  for (size_t i = 0; i < offsets.size(); ++i) {
    uint64_t alignment = std::max<uint64_t>(from.segments[i].alignment, 1);
    offsets[i] = (end + alignment - 1) / alignment * alignment;
    end = offsets[i] + from.segments[i].bytes.size();
  }
  std::vector<std::byte> root = Writer(from).root(offsets);
  std::vector<std::byte> file(end);
  FileHeader header;
  header.fileSize = end;
  header.rootSize = root.size();
  std::memcpy(file.data(), &header, sizeof(header));
  std::memcpy(file.data() + header.rootOffset, root.data(), root.size());
  for (size_t i = 0; i < offsets.size(); ++i)
    std::memcpy(file.data() + offsets[i], from.segments[i].bytes.data(),
                from.segments[i].bytes.size());
  if (from.damage)
    from.damage(file);
  finish(file, from);
  AlignedBuffer buffer = *AlignedBuffer::allocate(file.size());
  std::memcpy(buffer.data(), file.data(), file.size());
  return buffer;
}

} // namespace lcp::rt::test
