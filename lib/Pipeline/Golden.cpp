//===- Golden.cpp - What a model computes, by the reference --------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lcp/Pipeline/Golden.h"
#include "lcp/Target/Target.h"

using namespace mlir;
using namespace mlir::lcp;
using reference::Tensor;

static LogicalResult evaluateUnit(Unit &unit, SmallVectorImpl<Tensor> &values) {
  FailureOr<func::FuncOp> function = getUnitFunction(*unit.module);
  if (failed(function))
    return failure();
  SmallVector<Tensor> inputs;
  for (uint32_t id : unit.inputs)
    inputs.push_back(values[id]);
  FailureOr<SmallVector<Tensor>> outputs =
      reference::evaluate(*function, inputs);
  if (failed(outputs))
    return failure();
  for (auto [id, output] : llvm::zip_equal(unit.outputs, *outputs))
    values[id] = std::move(output);
  return success();
}

FailureOr<SmallVector<Tensor>>
mlir::lcp::evaluateValues(OutlinedModel &model, ArrayRef<Tensor> inputs) {
  SmallVector<Tensor> values(model.values.size());
  for (auto [id, input] : llvm::zip_equal(model.inputs, inputs))
    values[id] = input;
  for (auto &step : model.steps) {
    if (auto *stage = std::get_if<Stage>(&step)) {
      for (Unit &unit : stage->units)
        if (failed(evaluateUnit(unit, values)))
          return failure();
      continue;
    }
    const auto &merge = std::get<MergeStep>(step);
    SmallVector<const Tensor *> operands;
    for (uint32_t id : merge.inputs)
      operands.push_back(&values[id]);
    values[merge.output] =
        reference::mergeTensors(merge.kind, merge.axis, merge.order, operands);
  }
  return values;
}
