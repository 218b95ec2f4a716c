//===- LayerFacts.cpp - What the compiler's report knows of layers --------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "LayerFacts.h"

#include "common/base/TextFile.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

namespace lcp::rt {
namespace {

using Json = nlohmann::json;

/// Nothing where it is not one of a report.
std::optional<LayerFacts> readLayer(const Json &layer) {
  auto kind = std::find(layerKindNames.begin(), layerKindNames.end(),
                        layer.value("kind", ""));
  LayerFacts facts;
  facts.macs = layer.value("macs", 0.0);
  if (kind == layerKindNames.end() || !(facts.macs > 0))
    return std::nullopt;
  facts.kind = LayerKind(kind - layerKindNames.begin());
  facts.parameterBytes = layer.value("parameter_bytes", 0.0);
  facts.activationBytes =
      layer.value("input_bytes", 0.0) + layer.value("output_bytes", 0.0);
  return facts;
}

bool readBranch(const Json &branch, const std::string &name,
                NetworkFacts &facts) {
  for (const Json &layer : branch.value("layers", Json::array())) {
    std::optional<LayerFacts> found = readLayer(layer);
    if (!found)
      return false;
    facts.layers[{name, layer.value("name", "")}] = *found;
  }
  for (const Json &note : branch.value("placement", Json::array()))
    if (std::string kernel = note.value("kernel", ""); !kernel.empty())
      facts.kernels[{name, note.value("layer", "")}] = kernel;
  return true;
}

/// Nothing where `report` is not what lcp-compile writes.
std::optional<NetworkFacts> findFacts(const Json &report) {
  NetworkFacts facts;
  for (const Json &step : report.value("steps", Json::array())) {
    if (!step.is_object() || !step.contains("stage"))
      continue;
    size_t index = 0;
    for (const Json &branch : step.value("branches", Json::array())) {
      const std::string name = "s" + std::to_string(step.value("stage", 0)) +
                               ".b" + std::to_string(index++);
      if (!readBranch(branch, name, facts))
        return std::nullopt;
    }
  }
  return facts;
}

} // namespace

Result<NetworkFacts> readReport(const std::string &path) {
  Result<std::string> text = readTextFile(path);
  if (!text.ok())
    return std::move(text).status().withContext("'" + path + "'");
  const Json report = Json::parse(*text, nullptr, /*allow_exceptions=*/false);
  std::optional<NetworkFacts> facts;
  if (report.is_object()) {
    try {
      facts = findFacts(report);
    } catch (const Json::exception &) {
      // A value of another type: said below.
    }
  }
  if (!facts)
    return Status(StatusCode::InvalidArgument,
                  "'" + path +
                      "' is not a report that lcp-compile --report wrote");
  return *std::move(facts);
}

} // namespace lcp::rt
