//===- Program.cpp - The calls that make up a unit ---===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/cpu/compiler/object/Program.h"
#include "lcp/Dialect/LCP/IR/NodeName.h"
#include "targets/cpu/compiler/graph/OpTraits.h"
#include "targets/cpu/compiler/Passes.h"

using namespace mlir;
using namespace mlir::lcp;
using namespace mlir::lcp::cpu;

static BufferRef getResultRef(func::CallOp call) {
  if (auto output = call->getAttrOfType<IntegerAttr>(kOutputAttr))
    return {BufferRef::Output, static_cast<uint64_t>(output.getInt())};
  auto offset = call->getAttrOfType<IntegerAttr>(kOffsetAttr);
  return {BufferRef::Arena, static_cast<uint64_t>(offset.getInt())};
}

Program mlir::lcp::cpu::buildProgram(func::FuncOp function,
                                     const VectorUnit &unit) {
  auto module = function->getParentOfType<ModuleOp>();
  Program program;
  program.numInputs = function.getNumArguments();
  program.numOutputs = function.getNumResults();
  program.arenaBytes =
      module->getAttrOfType<IntegerAttr>(kArenaBytesAttr).getInt();
  // Packing adds little: the blob is allocated once.
  uint64_t constantBytes = 0;
  function.walk([&](ConstantOp constant) {
    constantBytes += getByteSize(constant.getType());
  });
  program.weights.reserve(constantBytes + constantBytes / 16);
  WeightPacker packer(program.weights, unit);
  SymbolTable symbols(module);
  for (auto call : function.getOps<func::CallOp>()) {
    auto kernel = symbols.lookup<func::FuncOp>(call.getCallee());
    StepCall step{call.getCallee().str(), getNodeName(call.getLoc()).str(), {}};
    if (step.layer.empty())
      step.layer = step.kernel;
    for (auto [i, operand] : llvm::enumerate(call.getOperands())) {
      Value storage = getStorage(operand);
      if (auto arg = dyn_cast<BlockArgument>(storage))
        step.buffers.push_back({BufferRef::Input, arg.getArgNumber()});
      else if (isConstant(storage))
        step.buffers.push_back(
            {BufferRef::Weights, packer.pack(kernel, i, storage)});
      else
        step.buffers.push_back(
            getResultRef(storage.getDefiningOp<func::CallOp>()));
    }
    step.buffers.push_back(getResultRef(call));
    program.steps.push_back(std::move(step));
  }
  return program;
}
