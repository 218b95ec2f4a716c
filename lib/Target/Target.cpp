//===- Target.cpp - The target registry, and what a unit is --------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lcp/Target/Target.h"
#include "lcp/Dialect/LCP/IR/LCPOps.h"
#include "mlir/Pass/PassManager.h"

using namespace mlir;
using namespace mlir::lcp;

LogicalResult mlir::lcp::runPasses(PassManager &passes, Operation *op,
                                   const PassManagerSetup &setUp) {
  if (setUp && failed(setUp(passes)))
    return failure();
  return passes.run(op);
}

void TargetRegistry::add(std::unique_ptr<Target> target) {
  targets.push_back(std::move(target));
}

const Target *TargetRegistry::lookup(StringRef name) const {
  for (const auto &target : targets)
    if (target->getName() == name)
      return target.get();
  return nullptr;
}

void TargetRegistry::registerDialects(DialectRegistry &registry) const {
  for (const auto &target : targets)
    target->registerDialects(registry);
}

FailureOr<func::FuncOp> mlir::lcp::getUnitFunction(ModuleOp unit) {
  auto functions = unit.getOps<func::FuncOp>();
  if (!llvm::hasSingleElement(functions) ||
      !llvm::hasSingleElement((*functions.begin()).getBody()))
    return unit.emitError("a unit must hold one function of one block");
  func::FuncOp function = *functions.begin();
  for (Operation &op : function.getBody().front()) {
    bool plain = isa<LCPDialect>(op.getDialect()) && op.getNumRegions() == 0 &&
                 !isa<MergeOp>(op);
    if (!plain && !isa<func::ReturnOp>(op))
      return op.emitError("'") << op.getName() << "' cannot stand in a unit";
  }
  return function;
}
