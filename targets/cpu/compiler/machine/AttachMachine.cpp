//===- AttachMachine.cpp - Write down what CPU code is for ----------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/cpu/compiler/Passes.h"
#include "targets/cpu/compiler/machine/Machine.h"

namespace mlir::lcp::cpu {
#define GEN_PASS_DEF_ATTACHMACHINE
#include "targets/cpu/compiler/Passes.h.inc"

namespace {
struct AttachMachinePass : impl::AttachMachineBase<AttachMachinePass> {
  using AttachMachineBase::AttachMachineBase;

  void runOnOperation() override {
    FailureOr<Machine> machine = getMachine(device, getOperation().getLoc());
    if (failed(machine))
      return signalPassFailure();
    getOperation()->setAttr(kMachineAttr, machine->vectors);
  }
};
} // namespace
} // namespace mlir::lcp::cpu
