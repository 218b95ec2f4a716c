//===- ConstantWalk.h - Every constant of a model, evaluated ----*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the import does with a model's constants, without MLIR: for the fuzz
// target and for a sanitized program.
//
//===----------------------------------------------------------------------===//

#ifndef LCP_TEST_TOOLS_CONSTANTWALK_H
#define LCP_TEST_TOOLS_CONSTANTWALK_H

#include "lib/Import/ONNX/ConstantEval.h"

#include <unordered_map>

namespace lcp::onnx {

/// Evaluates the nodes all of whose inputs are constants. `visit(node, tensor,
/// reason)` is called for each, with the result or with null and a reason.
template <typename Visit>
void walkConstants(const Model &model, ConstantBudget &budget, Visit visit) {
  std::unordered_map<std::string, Tensor> constants;
  for (const Tensor &tensor : model.initializers)
    constants.emplace(tensor.name, tensor);
  for (const Node &node : model.nodes) {
    std::vector<const Tensor *> inputs;
    bool known = node.domain.empty() && !node.outputs.empty();
    for (const std::string &name : node.inputs) {
      auto found = constants.find(name);
      inputs.push_back(found == constants.end() ? nullptr : &found->second);
      known &= name.empty() || inputs.back();
      if (inputs.back())
        (void)toIntegerList(*inputs.back());
    }
    std::string reason;
    std::optional<Tensor> result;
    if (known && node.opType == "Constant") {
      const Tensor *value = Attributes(node).getTensor("value");
      if (value)
        constants[node.outputs[0]] = *value;
    } else if (known && canEvaluate(node.opType)) {
      result = evaluate(node, inputs, model.opset, budget, reason);
      visit(node, result ? &*result : nullptr, reason);
      if (result)
        constants[node.outputs[0]] = std::move(*result);
    }
  }
}

} // namespace lcp::onnx

#endif // LCP_TEST_TOOLS_CONSTANTWALK_H
