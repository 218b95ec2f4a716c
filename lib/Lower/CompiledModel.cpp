//===- CompiledModel.cpp - Hands each unit to its target ------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lcp/Lower/CompiledModel.h"

using namespace mlir;
using namespace mlir::lcp;

// A target's answer must fit the unit's signature, or nothing later can be
// trusted; this is the one place where every target passes.
static LogicalResult checkSignature(func::FuncOp function, StringRef target,
                                    const CompiledBranch &branch) {
  SmallVector<Type> expected(function.getArgumentTypes());
  llvm::append_range(expected, function.getResultTypes());
  if (branch.slots.size() < expected.size())
    return function.emitError("target '")
           << target << "' returned " << branch.slots.size() << " slots for "
           << expected.size() << " arguments and results";
  for (auto [i, type] : llvm::enumerate(expected))
    if (branch.slots[i].type != type)
      return function.emitError("target '")
             << target << "' returned " << branch.slots[i].type << " for slot "
             << i << ", which is " << type;
  for (const CompiledPart &part : branch.parts)
    for (uint32_t slot :
         llvm::concat<const uint32_t>(part.inputs, part.outputs))
      if (slot >= branch.slots.size())
        return function.emitError("target '")
               << target << "' uses slot " << slot << ", which does not exist";
  return success();
}

static FailureOr<CompiledUnit> compileUnit(Unit &unit, const Target *target,
                                           const CompileSettings &settings) {
  FailureOr<func::FuncOp> function = getUnitFunction(*unit.module);
  if (failed(function))
    return failure();
  // The target may rewrite the module; the signature is checked against a copy
  // of the function's declaration.
  OwningOpRef<func::FuncOp> declaration(
      cast<func::FuncOp>((*function)->cloneWithoutRegions()));
  FailureOr<CompiledBranch> branch = target->compile(*unit.module, settings);
  if (failed(branch) ||
      failed(checkSignature(*declaration, target->getName(), *branch)))
    return failure();
  return CompiledUnit{target, std::move(*branch), unit.footprint};
}

FailureOr<CompiledModel>
mlir::lcp::compileUnits(OutlinedModel model, const TargetAssignment &targets,
                        const CompileSettings &settings) {
  CompiledModel compiled;
  for (auto &step : model.steps) {
    auto *stage = std::get_if<Stage>(&step);
    if (!stage)
      continue;
    auto &units = compiled.units.emplace_back();
    for (auto [i, unit] : llvm::enumerate(stage->units)) {
      FailureOr<CompiledUnit> result =
          compileUnit(unit, targets.forUnit(*stage, i), settings);
      if (failed(result))
        return failure();
      units.push_back(std::move(*result));
      unit.module = nullptr;
    }
  }
  compiled.model = std::move(model);
  return compiled;
}
