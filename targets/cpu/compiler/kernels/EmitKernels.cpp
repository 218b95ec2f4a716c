//===- EmitKernels.cpp - Turn step functions into vector code -------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "targets/cpu/compiler/Passes.h"
#include "targets/cpu/compiler/kernels/StepEmitter.h"
#include "targets/cpu/compiler/schedule/Kernel.h"

namespace mlir::lcp::cpu {
#define GEN_PASS_DEF_EMITKERNELS
#include "targets/cpu/compiler/Passes.h.inc"

namespace {
struct EmitKernelsPass : impl::EmitKernelsBase<EmitKernelsPass> {
  void runOnOperation() override {
    func::FuncOp function = getOperation();
    if (!isStep(function))
      return;
    FailureOr<const Kernel *> kernel = checkSchedule(function);
    if (failed(kernel))
      return signalPassFailure();
    StepEmitter step(function);
    (*kernel)->emit(step);
    step.fillHalo();
    step.k.builder().create<func::ReturnOp>(function.getLoc());
  }
};
} // namespace
} // namespace mlir::lcp::cpu
