//===- DescribeText.cpp - A bundle in words and as a graph ----------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Describe.h"

#include "common/base/Printable.h"
#include "runtime/bundle/Residency.h"

#include <algorithm>
#include <map>

namespace lcp::rt {
namespace {

std::string quoted(const std::string &text) {
  std::string result = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\')
      result += '\\';
    result += c;
  }
  return result + '"';
}

std::string named(const TensorSpec &spec) {
  return printable(spec.name) + " " + toString(spec);
}

std::string valueList(const ModelInfo &model,
                      const std::vector<uint32_t> &values) {
  std::string text;
  for (uint32_t value : values)
    text.append(text.empty() ? "" : ", ").append(named(model.values[value]));
  return text;
}

std::string describePart(const Bundle &bundle, const ModelPart &part) {
  auto size = [&](std::optional<uint32_t> segment) {
    return std::to_string(segment ? bundle.segments()[*segment].size : 0);
  };
  const PartFormat &format = part.format;
  std::string text = "      " + printable(format.name) + " version " +
                     std::to_string(format.version);
  if (!format.isa.empty())
    text += ", " + printable(format.isa);
  for (const std::string &feature : part.features)
    text += " +" + printable(feature);
  return text + ": code " + size(part.code) + ", weights " +
         size(part.weights) + ", arena " + std::to_string(part.arenaBytes) +
         " bytes, " + std::to_string(part.layerNames.size()) + " layers\n";
}

std::string describeBranch(const Bundle &bundle, const ModelBranch &branch) {
  const ModelInfo &model = bundle.model();
  std::string text = "    " + branch.name + " for " + printable(branch.target);
  if (!branch.device.empty() && branch.device != branch.target)
    text += " (" + printable(branch.device) + ")";
  text += branch.omitted ? ", not in this bundle" : "";
  text += ": " + valueList(model, branch.inputs) + " -> " +
          valueList(model, branch.outputs) + "\n";
  for (const ModelPart &part : branch.parts)
    text += describePart(bundle, part);
  return text;
}

std::string describeMerge(const ModelInfo &model, const ModelMerge &merge) {
  std::string text = "  merge by ";
  text += merge.kind == ModelMerge::Kind::Sum
              ? "sum"
              : "concatenation on axis " + std::to_string(merge.axis);
  text += merge.order.empty() ? "" : ", reordered";
  return text + ": " + valueList(model, merge.inputs) + " -> " +
         valueList(model, {merge.output}) + "\n";
}

std::string describeModel(const ModelInfo &model) {
  std::string text = "model " + printable(model.name);
  if (model.split > 1)
    text += ", split in " + std::to_string(model.split) +
            (model.trainedAfterSplit ? " and trained after the split"
                                     : " and not trained after the split");
  text += "\nmade by " + printable(model.producer + " " + model.producerFlags) +
          "\n";
  for (size_t i = 0; i < model.inputs.size(); ++i)
    text += "input " + named(model.inputSpec(i)) +
            (model.inputs[i].image ? ", from an image" : "") + "\n";
  for (size_t i = 0; i < model.outputs.size(); ++i)
    text += "output " + named(model.outputSpec(i)) +
            (model.outputs[i].labels.empty() ? "" : ", labelled") + "\n";
  return text;
}

/// A node of the graph. Branches of parallel stages run on devices, everything
/// else on the coordinator.
struct Node {
  std::string name;
  bool onDevice = false;
};

class Graph {
public:
  explicit Graph(const ModelInfo &model)
      : model(model), residency(findResidency(model)) {}

  std::string draw(const Bundle &bundle) {
    text = "digraph " + quoted(printable(model.name)) +
           " {\n  rankdir=LR;\n  node [shape=box];\n";
    for (const ModelInput &input : model.inputs)
      node(printable(model.values[input.value].name), "ellipse", {},
           {input.value});
    unsigned merges = 0;
    for (const ModelStep &step : model.steps) {
      if (const auto *stage = std::get_if<ModelStage>(&step)) {
        drawStage(bundle, *stage);
        continue;
      }
      const auto &merge = std::get<ModelMerge>(step);
      node((merge.kind == ModelMerge::Kind::Sum ? "sum " : "concat ") +
               std::to_string(merges++),
           "diamond", merge.inputs, {merge.output});
    }
    for (const ModelOutput &output : model.outputs)
      node("output " + printable(model.values[output.value].name), "ellipse",
           {output.value}, {});
    return text + "}\n";
  }

private:
  void drawStage(const Bundle &bundle, const ModelStage &stage) {
    const std::string name = "s" + std::to_string(stage.index);
    text += "  subgraph cluster_" + name + " {\n  label=" +
            quoted(name + (stage.parallel ? " parallel" : " serial")) + ";\n";
    for (const ModelBranch &branch : stage.branches) {
      BranchBytes bytes = bytesOf(bundle, branch);
      text += "  " + quoted(branch.name) + " [label=" +
              quoted(branch.name + " " + printable(branch.target) +
                     "\nweights " + std::to_string(bytes.weights) + " bytes") +
              "];\n";
    }
    text += "  }\n";
    for (const ModelBranch &branch : stage.branches)
      edges({branch.name, stage.parallel}, branch.inputs, branch.outputs);
  }

  void node(const std::string &name, const char *shape,
            const std::vector<uint32_t> &inputs,
            const std::vector<uint32_t> &outputs) {
    text += "  " + quoted(name) + " [shape=" + shape + "];\n";
    edges({name, /*onDevice=*/false}, inputs, outputs);
  }

  void edges(const Node &node, const std::vector<uint32_t> &inputs,
             const std::vector<uint32_t> &outputs) {
    for (uint32_t input : inputs) {
      const Node &source = sources[input];
      text += "  " + quoted(source.name) + " -> " + quoted(node.name) +
              " [label=" + quoted(describeEdge(input, source, node)) + "];\n";
    }
    for (uint32_t output : outputs)
      sources[output] = node;
  }

  /// A value that leaves a device passes through the coordinator, even on its
  /// way back to the same device.
  std::string describeEdge(uint32_t value, const Node &from, const Node &to) {
    const TensorSpec &spec = model.values[value];
    bool crosses =
        (from.onDevice || to.onDevice) && !residency.values[value].stays;
    Result<uint64_t> bytes = byteSize(spec);
    return toString(spec) + (crosses && bytes.ok()
                                 ? "\n" + std::to_string(*bytes) + " bytes"
                                 : "");
  }

  const ModelInfo &model;
  Residency residency;
  /// The node that makes each value.
  std::map<uint32_t, Node> sources;
  std::string text;
};

} // namespace

BranchBytes bytesOf(const Bundle &bundle, const ModelBranch &branch) {
  BranchBytes bytes;
  for (const ModelPart &part : branch.parts) {
    if (part.code)
      bytes.code += bundle.segments()[*part.code].size;
    if (part.weights)
      bytes.weights += bundle.segments()[*part.weights].size;
    bytes.arena = std::max(bytes.arena, part.arenaBytes);
  }
  return bytes;
}

std::string describeAsText(const Bundle &bundle) {
  const ModelInfo &model = bundle.model();
  const Sha256Digest &identity = bundle.identity();
  std::string text = describeModel(model);
  text += "bundle " + std::to_string(bundle.fileSize()) + " bytes, " +
          std::to_string(bundle.segments().size()) + " segments, schema " +
          std::to_string(model.schemaVersion) +
          (bundle.isSigned() ? ", signed" : ", not signed") + ", " +
          std::to_string(model.golden.size()) + " golden sets\n";
  text += "identity " +
          toHex(Span<const uint8_t>(identity.data(), identity.size())) + "\n";
  for (const ModelStep &step : model.steps) {
    const auto *stage = std::get_if<ModelStage>(&step);
    if (!stage) {
      text += describeMerge(model, std::get<ModelMerge>(step));
      continue;
    }
    text += "  stage s" + std::to_string(stage->index) +
            (stage->parallel ? ", parallel" : ", serial") +
            (stage->firstDevice
                 ? ", from device " + std::to_string(stage->firstDevice)
                 : "") +
            "\n";
    for (const ModelBranch &branch : stage->branches)
      text += describeBranch(bundle, branch);
  }
  return text;
}

std::string describeAsDot(const Bundle &bundle) {
  return Graph(bundle.model()).draw(bundle);
}

} // namespace lcp::rt
