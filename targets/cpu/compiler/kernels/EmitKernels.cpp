//===- EmitKernels.cpp - Turn a step function into vector code ---===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/cpu/compiler/graph/OpTraits.h"
#include "targets/cpu/compiler/Passes.h"
#include "targets/cpu/compiler/kernels/StepKernel.h"
#include "llvm/ADT/TypeSwitch.h"

namespace mlir::lcp::cpu {
#define GEN_PASS_DEF_EMITKERNELS
#include "targets/cpu/compiler/Passes.h.inc"

namespace {

using Emitter = void (*)(StepKernel &);

Emitter findEmitter(Operation *root) {
  if (isElementwise(root))
    return emitElementwise;
  if (isPool(root))
    return emitPool;
  return llvm::TypeSwitch<Operation *, Emitter>(root)
      .Case([](Conv2DOp) { return emitConv; })
      .Case([](DenseOp) { return emitDense; })
      .Case([](GlobalAvgPoolOp) { return emitGlobalAvgPool; })
      .Case([](SoftmaxOp) { return emitSoftmax; })
      .Case([](LRNOp) { return emitLRN; })
      .Case([](IdentityOp) { return emitCopy; })
      .Case([](ConcatOp) { return emitConcat; })
      .Case([](SliceOp) { return emitSlice; })
      .Case([](TransposeOp) { return emitTranspose; })
      .Case([](ChannelShuffleOp) { return emitChannelShuffle; })
      .Case([](PadOp) { return emitPad; })
      .Default([](Operation *) { return nullptr; });
}

struct EmitKernelsPass : impl::EmitKernelsBase<EmitKernelsPass> {
  using EmitKernelsBase::EmitKernelsBase;

  void runOnOperation() override {
    func::FuncOp function = getOperation();
    if (function.isPublic() || function.isExternal())
      return;
    Operation *root = getRoot(function);
    Emitter emit = findEmitter(root);
    if (!emit) {
      root->emitOpError("has no kernel for this CPU target");
      return signalPassFailure();
    }
    StepKernel step(function, {lanes, registers, laneOperand});
    emit(step);
    step.fillHalo();
    step.k.builder().create<func::ReturnOp>(function.getLoc());
  }
};

} // namespace
} // namespace mlir::lcp::cpu
