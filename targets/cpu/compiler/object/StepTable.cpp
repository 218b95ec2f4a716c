//===- StepTable.cpp - The calls that make up a unit ----------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/cpu/compiler/object/StepTable.h"
#include "lcp/Dialect/LCP/IR/NodeName.h"
#include "mlir/IR/BuiltinOps.h"
#include "targets/cpu/compiler/dialect/LCPCPUDialect.h"
#include "targets/cpu/compiler/dialect/OpTraits.h"
#include "targets/cpu/compiler/kernels/PackWeights.h"

using namespace mlir;
using namespace mlir::lcp;
using namespace mlir::lcp::cpu;

static BufferRef getResultRef(func::CallOp call) {
  if (auto output = call->getAttrOfType<IntegerAttr>(kOutputAttr))
    return {BufferRef::Output, static_cast<uint64_t>(output.getInt())};
  auto offset = call->getAttrOfType<IntegerAttr>(kOffsetAttr);
  return {BufferRef::Arena, static_cast<uint64_t>(offset.getInt())};
}

/// A conversion of a layer's result bears the layer's name, but is a step
/// beside the layer's own: profiles and reports tell them apart.
static std::string getLayerName(func::CallOp call, func::FuncOp kernel) {
  StringRef node = getNodeName(call.getLoc());
  if (node.empty())
    return call.getCallee().str();
  bool converts = isa<ConvertLayoutOp>(kernel.front().front());
  return (node + (converts ? " (layout)" : "")).str();
}

StepTable mlir::lcp::cpu::buildStepTable(func::FuncOp function,
                                         std::vector<char> &weights) {
  auto module = function->getParentOfType<ModuleOp>();
  StepTable table;
  table.numInputs = function.getNumArguments();
  table.numOutputs = function.getNumResults();
  table.arenaBytes =
      module->getAttrOfType<IntegerAttr>(kArenaBytesAttr).getInt();
  // Packing adds little: the blob is allocated once.
  uint64_t constantBytes = 0;
  function.walk([&](ConstantOp constant) {
    constantBytes += getByteSize(constant.getType());
  });
  weights.reserve(constantBytes + constantBytes / 16);
  WeightPacker packer(weights);
  SymbolTable symbols(module);
  for (auto call : function.getOps<func::CallOp>()) {
    auto kernel = symbols.lookup<func::FuncOp>(call.getCallee());
    StepCall step{call.getCallee().str(), getLayerName(call, kernel), {}};
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
    table.steps.push_back(std::move(step));
  }
  table.weightBytes = weights.size();
  return table;
}
