//===- Queries.cpp - What everybody asks of a network ---------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lcp/Dialect/LCP/IR/Queries.h"
#include "lcp/Dialect/LCP/IR/NodeName.h"

using namespace mlir;
using namespace mlir::lcp;

FailureOr<func::FuncOp> mlir::lcp::findMain(ModuleOp module) {
  auto func = module.lookupSymbol<func::FuncOp>("main");
  if (!func || func.isExternal() || !func.getBody().hasOneBlock())
    return module.emitError("the module has no function @main of one block");
  return func;
}

std::string mlir::lcp::describe(Operation *op) {
  std::string kind = op->getName().getStringRef().str();
  StringRef name = getNodeName(op->getLoc());
  return name.empty() ? kind : ("'" + name + "' (" + kind + ")").str();
}

bool mlir::lcp::isLayer(Operation *op) {
  auto channels = dyn_cast<ChannelOpInterface>(op);
  return channels && (channels.getChannelRole() == ChannelRole::WeightedMixer ||
                      channels.getChannelRole() == ChannelRole::GroupedMixer);
}
