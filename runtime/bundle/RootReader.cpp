//===- RootReader.cpp - From FlatBuffers to plain structures --------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/bundle/RootReader.h"

#include "runtime/schema/Layout.h"
#include "runtime/schema/bundle_generated.h"

#include <algorithm>
#include <cstring>
#include <type_traits>

namespace lcp::rt {
namespace {

/// No root of ours nests deeper: Bundle, Step, Stage, Branch, Part, string.
constexpr unsigned maxDepth = 16;
constexpr unsigned maxTables = 1u << 20;

/// Copies what the FlatBuffers verifier found inside the root. The verifier
/// allows many references to one vector, so a small root could unfold to a huge
/// one; ours don't share, hence what is copied may not be longer than the root.
class Copier {
public:
  explicit Copier(size_t budget) : budget(budget) {}

  template <typename T, typename U>
  Status copy(const flatbuffers::Vector<U> *from, std::vector<T> &to) {
    if (!from)
      return {};
    static_assert(std::is_same_v<T, U> && std::is_arithmetic_v<T>);
    LCP_RETURN_IF_ERROR(spend(from->size() * sizeof(U)));
    // Not element by element: the verifier does not see to the alignment of
    // elements larger than a length.
    to.resize(from->size());
    if (!to.empty())
      std::memcpy(to.data(), from->Data(), to.size() * sizeof(T));
    return {};
  }

  Status copy(const flatbuffers::String *from, std::string &to) {
    if (!from)
      return {};
    LCP_RETURN_IF_ERROR(spend(from->size()));
    to.assign(from->c_str(), from->size());
    return {};
  }

  Status copy(
      const flatbuffers::Vector<flatbuffers::Offset<flatbuffers::String>> *from,
      std::vector<std::string> &to) {
    return copyTables(from, to,
                      [this](const flatbuffers::String &text,
                             std::string &out) { return copy(&text, out); });
  }

  /// Calls f(table, element) for every table of a vector.
  template <typename T, typename U, typename F>
  Status copyTables(const flatbuffers::Vector<flatbuffers::Offset<U>> *from,
                    std::vector<T> &to, F &&f) {
    if (!from)
      return {};
    LCP_RETURN_IF_ERROR(spend(from->size() * sizeof(flatbuffers::uoffset_t)));
    to.resize(from->size());
    for (flatbuffers::uoffset_t i = 0; i < from->size(); ++i)
      LCP_RETURN_IF_ERROR(f(*from->Get(i), to[i]));
    return {};
  }

private:
  Status spend(size_t size) {
    if (size > budget)
      return Status(StatusCode::Corrupt,
                    "the bundle's root refers to the same bytes repeatedly");
    budget -= size;
    return {};
  }

  size_t budget;
};

Sha256Digest toDigest(const fb::Sha256 &from) {
  Sha256Digest digest;
  std::copy_n(from.bytes()->begin(), digest.size(), digest.begin());
  return digest;
}

Status readSpec(Copier &copier, const fb::TensorSpec &from, TensorSpec &to) {
  if (from.type() > fb::ElementType::MAX)
    return Status(StatusCode::Unsupported,
                  "element type " + std::to_string(int(from.type())) +
                      " is unknown to this version");
  to.type = ElementType(from.type());
  LCP_RETURN_IF_ERROR(copier.copy(from.name(), to.name));
  return copier.copy(from.shape(), to.shape);
}

Status readSegmentIndex(int32_t from, std::optional<uint32_t> &to) {
  if (from < -1)
    return Status(StatusCode::Corrupt, "a segment has a negative index");
  if (from >= 0)
    to = uint32_t(from);
  return {};
}

/// In schema 1 a part named the driver that ran it. The list is closed.
std::string formatOfDriver(const std::string &driver) {
  if (driver == "cpu")
    return "cpu-image";
  return driver == "gemm-functional" ? "gemm-stream" : driver;
}

Status readFormat(Copier &copier, const fb::Part &from, PartFormat &to) {
  to.version = from.format_version();
  LCP_RETURN_IF_ERROR(copier.copy(from.isa(), to.isa));
  if (from.format())
    return copier.copy(from.format(), to.name);
  std::string driver;
  LCP_RETURN_IF_ERROR(copier.copy(from.driver(), driver));
  to.name = formatOfDriver(driver);
  return {};
}

Status readPart(Copier &copier, const fb::Part &from, ModelPart &to) {
  to.arenaBytes = from.arena_bytes();
  LCP_RETURN_IF_ERROR(readSegmentIndex(from.code(), to.code));
  LCP_RETURN_IF_ERROR(readSegmentIndex(from.weights(), to.weights));
  LCP_RETURN_IF_ERROR(readFormat(copier, from, to.format));
  LCP_RETURN_IF_ERROR(copier.copy(from.features(), to.features));
  LCP_RETURN_IF_ERROR(copier.copy(from.inputs(), to.inputs));
  LCP_RETURN_IF_ERROR(copier.copy(from.outputs(), to.outputs));
  return copier.copy(from.layer_names(), to.layerNames);
}

Status readGolden(Copier &copier, const fb::Golden &from, ModelGolden &to) {
  to.tolerance = from.tolerance();
  LCP_RETURN_IF_ERROR(copier.copy(from.inputs(), to.inputs));
  return copier.copy(from.outputs(), to.outputs);
}

Status readBranch(Copier &copier, const fb::Branch &from, ModelBranch &to) {
  to.omitted = from.omitted();
  LCP_RETURN_IF_ERROR(copier.copy(from.target(), to.target));
  LCP_RETURN_IF_ERROR(copier.copy(from.device(), to.device));
  LCP_RETURN_IF_ERROR(copier.copy(from.inputs(), to.inputs));
  LCP_RETURN_IF_ERROR(copier.copy(from.outputs(), to.outputs));
  LCP_RETURN_IF_ERROR(
      copier.copyTables(from.slots(), to.slots, [&](const auto &f, auto &t) {
        return readSpec(copier, f, t);
      }));
  LCP_RETURN_IF_ERROR(
      copier.copyTables(from.parts(), to.parts, [&](const auto &f, auto &t) {
        return readPart(copier, f, t);
      }));
  return copier.copyTables(
      from.golden(), to.golden,
      [&](const auto &f, auto &t) { return readGolden(copier, f, t); });
}

Status readStage(Copier &copier, const fb::Stage &from, ModelStage &to) {
  to.parallel = from.parallel();
  to.firstDevice = from.first_device();
  LCP_RETURN_IF_ERROR(copier.copyTables(
      from.branches(), to.branches,
      [&](const auto &f, auto &t) { return readBranch(copier, f, t); }));
  for (size_t b = 0; b < to.branches.size(); ++b)
    to.branches[b].name =
        "s" + std::to_string(to.index) + ".b" + std::to_string(b);
  return {};
}

Status readMerge(Copier &copier, const fb::Merge &from, ModelMerge &to) {
  if (from.kind() > fb::MergeKind::MAX)
    return Status(StatusCode::Unsupported,
                  "merge kind " + std::to_string(int(from.kind())) +
                      " is unknown to this version");
  to.kind = from.kind() == fb::MergeKind::Sum ? ModelMerge::Kind::Sum
                                              : ModelMerge::Kind::Concat;
  to.axis = from.axis();
  to.output = from.output();
  LCP_RETURN_IF_ERROR(copier.copy(from.order(), to.order));
  return copier.copy(from.inputs(), to.inputs);
}

Status readStep(Copier &copier, const fb::Step &from, unsigned &stages,
                ModelStep &to) {
  if (bool(from.stage()) == bool(from.merge()))
    return Status(StatusCode::Corrupt, "a step is not a stage or a merge");
  if (from.stage()) {
    to.emplace<ModelStage>().index = stages++;
    return readStage(copier, *from.stage(), std::get<ModelStage>(to));
  }
  return readMerge(copier, *from.merge(), to.emplace<ModelMerge>());
}

Status readInput(Copier &copier, const fb::Input &from, ModelInput &to) {
  to.value = from.value();
  const fb::ImagePreprocessing *image = from.image();
  if (!image)
    return {};
  to.image.emplace();
  to.image->bgr = image->order() == fb::ChannelOrder::BGR;
  LCP_RETURN_IF_ERROR(copier.copy(image->mean(), to.image->mean));
  return copier.copy(image->scale(), to.image->scale);
}

Status readModel(Copier &copier, const fb::Bundle &from, ModelInfo &to) {
  to.schemaVersion = from.schema_version();
  to.split = from.split();
  to.trainedAfterSplit = from.trained_after_split();
  LCP_RETURN_IF_ERROR(copier.copy(from.model_name(), to.name));
  LCP_RETURN_IF_ERROR(copier.copy(from.producer(), to.producer));
  LCP_RETURN_IF_ERROR(copier.copy(from.producer_flags(), to.producerFlags));
  LCP_RETURN_IF_ERROR(
      copier.copyTables(from.values(), to.values, [&](const auto &f, auto &t) {
        return readSpec(copier, f, t);
      }));
  LCP_RETURN_IF_ERROR(
      copier.copyTables(from.inputs(), to.inputs, [&](const auto &f, auto &t) {
        return readInput(copier, f, t);
      }));
  LCP_RETURN_IF_ERROR(copier.copyTables(
      from.outputs(), to.outputs, [&](const auto &f, auto &t) {
        t.value = f.value();
        return copier.copy(f.labels(), t.labels);
      }));
  unsigned stages = 0;
  LCP_RETURN_IF_ERROR(
      copier.copyTables(from.steps(), to.steps, [&](const auto &f, auto &t) {
        return readStep(copier, f, stages, t);
      }));
  LCP_RETURN_IF_ERROR(
      copier.copyTables(from.golden(), to.golden, [&](const auto &f, auto &t) {
        return readGolden(copier, f, t);
      }));
  return copier.copyTables(from.means(), to.means,
                           [](const auto &f, auto &t) -> Status {
                             t = {f.value(), f.segment()};
                             return {};
                           });
}

} // namespace

Result<Root> readRoot(ByteSpan bytes) {
  const auto *data = reinterpret_cast<const uint8_t *>(bytes.data());
  // Twice an offset and the identifier: what the identifier's check reads.
  if (bytes.size() < 12 || !fb::BundleBufferHasIdentifier(data))
    return Status(StatusCode::Corrupt,
                  "the root lacks the identifier LCPB: not a bundle");
  flatbuffers::Verifier verifier(data, bytes.size(), maxDepth, maxTables);
  if (!fb::VerifyBundleBuffer(verifier))
    return Status(StatusCode::Corrupt,
                  "the root is malformed: the file is damaged");
  const fb::Bundle &from = *fb::GetBundle(data);
  if (from.schema_version() == 0 || from.schema_version() > bundleSchemaVersion)
    return Status(StatusCode::Unsupported,
                  "schema version " + std::to_string(from.schema_version()) +
                      "; this build reads 1 to " +
                      std::to_string(bundleSchemaVersion) +
                      ": update it, or compile the model again");
  Copier copier(bytes.size());
  Root root;
  LCP_RETURN_IF_ERROR(readModel(copier, from, root.model));
  LCP_RETURN_IF_ERROR(copier.copyTables(from.segments(), root.segments,
                                        [](const auto &f, auto &t) -> Status {
                                          t.offset = f.offset();
                                          t.size = f.size();
                                          t.alignment = f.alignment();
                                          t.sha256 = toDigest(*f.sha256());
                                          return {};
                                        }));
  if (from.whole())
    root.whole = toDigest(*from.whole());
  return root;
}

} // namespace lcp::rt
