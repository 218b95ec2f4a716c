//===- DescribeJson.cpp - A bundle as JSON --------------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Describe.h"

#include <nlohmann/json.hpp>

namespace lcp::rt {
namespace {

using Json = nlohmann::ordered_json;

Json specToJson(const TensorSpec &spec) {
  return {{"name", spec.name},
          {"type", elementTypeName(spec.type)},
          {"shape", spec.shape}};
}

template <typename T, typename F>
Json listToJson(const std::vector<T> &items, F toJson) {
  Json list = Json::array();
  for (const T &item : items)
    list.push_back(toJson(item));
  return list;
}

Json partToJson(const ModelPart &part) {
  return {{"format", part.format.name},
          {"format_version", part.format.version},
          {"isa", part.format.isa},
          {"features", part.features},
          {"code", part.code ? Json(*part.code) : Json()},
          {"weights", part.weights ? Json(*part.weights) : Json()},
          {"arena_bytes", part.arenaBytes},
          {"inputs", part.inputs},
          {"outputs", part.outputs},
          {"layers", part.layerNames}};
}

Json goldenToJson(const ModelGolden &golden) {
  return {{"inputs", golden.inputs},
          {"outputs", golden.outputs},
          {"tolerance", golden.tolerance}};
}

Json branchToJson(const Bundle &bundle, const ModelBranch &branch) {
  BranchBytes bytes = bytesOf(bundle, branch);
  return {{"name", branch.name},
          {"target", branch.target},
          {"device", branch.device},
          {"omitted", branch.omitted},
          {"inputs", branch.inputs},
          {"outputs", branch.outputs},
          {"code_bytes", bytes.code},
          {"weight_bytes", bytes.weights},
          {"arena_bytes", bytes.arena},
          {"golden", listToJson(branch.golden, goldenToJson)},
          {"slots", listToJson(branch.slots, specToJson)},
          {"parts", listToJson(branch.parts, partToJson)}};
}

Json stepToJson(const Bundle &bundle, const ModelStep &step) {
  if (const auto *stage = std::get_if<ModelStage>(&step))
    return {{"stage", stage->index},
            {"parallel", stage->parallel},
            {"first_device", stage->firstDevice},
            {"branches",
             listToJson(stage->branches, [&](const ModelBranch &branch) {
               return branchToJson(bundle, branch);
             })}};
  const auto &merge = std::get<ModelMerge>(step);
  return {{"merge", merge.kind == ModelMerge::Kind::Sum ? "sum" : "concat"},
          {"axis", merge.axis},
          {"order", merge.order},
          {"inputs", merge.inputs},
          {"output", merge.output}};
}

Json inputToJson(const ModelInput &input) {
  Json json = {{"value", input.value}};
  if (input.image)
    json["image"] = {{"mean", input.image->mean},
                     {"scale", input.image->scale},
                     {"order", input.image->bgr ? "bgr" : "rgb"}};
  return json;
}

std::string hex(const Sha256Digest &digest) {
  return toHex(Span<const uint8_t>(digest.data(), digest.size()));
}

} // namespace

std::string describeAsJson(const Bundle &bundle) {
  const ModelInfo &model = bundle.model();
  std::vector<BundleSegment> segments(bundle.segments().begin(),
                                      bundle.segments().end());
  Json json = {
      {"model", model.name},
      {"producer", model.producer},
      {"producer_flags", model.producerFlags},
      {"schema_version", model.schemaVersion},
      {"identity", hex(bundle.identity())},
      {"root_sha256", hex(bundle.rootHash())},
      {"signed", bundle.isSigned()},
      {"file_bytes", bundle.fileSize()},
      {"split", model.split},
      {"trained_after_split", model.trainedAfterSplit},
      {"values", listToJson(model.values, specToJson)},
      {"inputs", listToJson(model.inputs, inputToJson)},
      {"outputs", listToJson(model.outputs,
                             [](const ModelOutput &output) -> Json {
                               return {{"value", output.value},
                                       {"labels", output.labels}};
                             })},
      {"steps", listToJson(model.steps,
                           [&](const ModelStep &step) {
                             return stepToJson(bundle, step);
                           })},
      {"golden", listToJson(model.golden, goldenToJson)},
      {"means", listToJson(model.means,
                           [](const ModelMean &mean) -> Json {
                             return {{"value", mean.value},
                                     {"segment", mean.segment}};
                           })},
      {"segments", listToJson(segments, [](const BundleSegment &s) -> Json {
         return {{"offset", s.offset},
                 {"size", s.size},
                 {"alignment", s.alignment},
                 {"sha256", hex(s.sha256)}};
       })}};
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

} // namespace lcp::rt
