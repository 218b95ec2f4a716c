//===- ScheduleSteps.cpp - Choose how each step is computed ---------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/cpu/compiler/Passes.h"
#include "targets/cpu/compiler/schedule/Kernel.h"

namespace mlir::lcp::cpu {
#define GEN_PASS_DEF_SCHEDULESTEPS
#include "targets/cpu/compiler/Passes.h.inc"

namespace {

struct Choice {
  const Kernel *kernel = nullptr;
  Tile tile;
  double cycles = 0;
};

ScheduleAttr makeSchedule(func::FuncOp step, const Choice &choice,
                          MachineAttr machine) {
  const auto &[kernel, tile, cycles] = choice;
  MLIRContext *context = step.getContext();
  Dots dots = kernel->getDots(machine.getDots());
  TileAttr tileAttr;
  if (tile.sizes() != Tile().sizes())
    tileAttr =
        TileAttr::get(context, tile.channels, tile.rows, tile.columns,
                      tile.inputs, tile.winograd, tile.patches, tile.outputs);
  return ScheduleAttr::get(
      context, kernel->getName(), machine.getLanes(),
      kernel->getScalars(machine.getScalars()), dots, tileAttr,
      kernel->getLoops(),
      kernel->getWeights(step, tile, machine.getLanes(), dots));
}

struct ScheduleStepsPass : impl::ScheduleStepsBase<ScheduleStepsPass> {
  using ScheduleStepsBase::ScheduleStepsBase;

  void runOnOperation() override {
    func::FuncOp step = getOperation();
    if (!isStep(step))
      return;
    FailureOr<MachineAttr> machine = getMachineOf(step);
    if (failed(machine))
      return signalPassFailure();
    Choice best;
    for (const std::unique_ptr<Kernel> &kernel : getKernels())
      if (kernel->appliesTo(step) && !(exactConv && kernel->transforms()))
        compare(*kernel, *machine, best);
    if (!best.kernel) {
      getRoot(step)->emitOpError("has no kernel for this CPU target");
      return signalPassFailure();
    }
    step->setAttr(kScheduleAttr, makeSchedule(step, best, *machine));
  }

  void compare(const Kernel &kernel, MachineAttr machine, Choice &best) {
    Scalars scalars = kernel.getScalars(machine.getScalars());
    for (const Candidate &candidate :
         kernel.getCandidates(getOperation(), machine)) {
      double cycles =
          getCycles(candidate.work, candidate.transforms, scalars, machine);
      if (!best.kernel || cycles < best.cycles)
        best = {&kernel, candidate.tile, cycles};
      ++numCandidates;
    }
  }
};

} // namespace
} // namespace mlir::lcp::cpu
