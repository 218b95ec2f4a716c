//===- FuzzONNXReader.cpp - Any bytes through the ONNX reader -------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A model is either refused with a reason or keeps what Reader.h promises:
// sizes match shapes, and each value read was defined before. Its constants are
// evaluated as the import does, with the same promise.
//
//===----------------------------------------------------------------------===//

#include "test/tools/ConstantWalk.h"

#include <cstdlib>
#include <fstream>
#include <unordered_set>

using namespace lcp::onnx;

static void require(bool condition) {
  if (!condition)
    std::abort();
}

static unsigned touched;

static void checkTensor(const Tensor &tensor) {
  require(tensor.byteSize ==
          static_cast<size_t>(tensor.numElements()) * elementSize(tensor.type));
  for (size_t i = 0; i < tensor.byteSize; ++i)
    touched += static_cast<unsigned char>(tensor.data.get()[i]);
}

static void checkModel(const Model &model) {
  std::unordered_set<std::string> defined{""};
  for (const Tensor &tensor : model.initializers) {
    checkTensor(tensor);
    require(defined.insert(tensor.name).second);
  }
  for (const ValueInfo &input : model.inputs)
    require(defined.insert(input.name).second);
  for (const Node &node : model.nodes) {
    for (const std::string &name : node.inputs)
      require(defined.count(name) != 0);
    for (const std::string &name : node.outputs)
      require(name.empty() || defined.insert(name).second);
    for (const Attribute &attribute : node.attributes)
      checkTensor(attribute.tensor);
  }
  for (const ValueInfo &output : model.outputs)
    require(defined.count(output.name) != 0);
}

/// A folder with one file that external data may name.
static std::string makeFolder() {
  char name[] = "/tmp/lcp-fuzz-XXXXXX";
  require(mkdtemp(name) != nullptr);
  std::ofstream(std::string(name) + "/w.bin") << std::string(64, 'w');
  return name;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const std::string folder = makeFolder();
  std::vector<std::string> problems;
  auto model =
      readModel(std::string_view(reinterpret_cast<const char *>(data), size),
                folder, problems);
  require(model.has_value() == problems.empty());
  for (const std::string &line : problems)
    require(line.find('\n') == std::string::npos);
  if (!model)
    return 0;
  checkModel(*model);
  ConstantBudget budget(1 << 16);
  walkConstants(*model, budget,
                [](const Node &, const Tensor *result, const std::string &why) {
                  require((result != nullptr) == why.empty());
                  if (result)
                    checkTensor(*result);
                });
  return 0;
}
