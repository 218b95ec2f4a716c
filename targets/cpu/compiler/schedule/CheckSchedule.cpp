//===- CheckSchedule.cpp - Whether a kernel can do a schedule -------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/cpu/abi/CPUAbi.h"
#include "targets/cpu/compiler/schedule/Kernel.h"

using namespace mlir;
using namespace mlir::lcp::cpu;

Tile mlir::lcp::cpu::toTile(TileAttr attribute) {
  if (!attribute)
    return {};
  return {attribute.getChannels(), attribute.getRows(),
          attribute.getColumns(),  attribute.getInputs(),
          attribute.getWinograd(), attribute.getPatches(),
          attribute.getOutputs()};
}

static const Kernel *findKernel(StringRef name) {
  for (const std::unique_ptr<Kernel> &kernel : getKernels())
    if (kernel->getName() == name)
      return kernel.get();
  return nullptr;
}

static LogicalResult checkKernel(func::FuncOp step, const Kernel *kernel,
                                 StringRef name) {
  if (!kernel) {
    InFlightDiagnostic error = step.emitOpError()
                               << "schedule: no kernel is called '" << name
                               << "'; there are ";
    llvm::interleaveComma(getKernels(), error, [&](const auto &known) {
      error << known->getName();
    });
    return error;
  }
  if (!kernel->appliesTo(step))
    return step.emitOpError()
           << "schedule: kernel '" << name << "' does not compute this step";
  return success();
}

static LogicalResult checkTile(func::FuncOp step, const Kernel &kernel,
                               ScheduleAttr schedule) {
  static constexpr StringRef names[] = {"channels", "rows",     "columns",
                                        "inputs",   "winograd", "patches",
                                        "outputs"};
  auto [smallest, largest] = kernel.getTileRange(step, schedule.getLanes());
  for (auto [name, size, least, limit] :
       llvm::zip_equal(names, toTile(schedule.getTile()).sizes(),
                       smallest.sizes(), largest.sizes()))
    if (size < least || size > limit || (least > 1 && size % least != 0)) {
      InFlightDiagnostic error = step.emitOpError();
      error << "schedule: '" << kernel.getName() << "' takes tiles with "
            << name << " = " << least;
      if (limit != least)
        error << " to " << limit;
      if (limit != least && least > 1)
        error << " in multiples of " << least;
      return error << ", not " << size;
    }
  return success();
}

static LogicalResult checkStack(func::FuncOp step, const Kernel &kernel,
                                ScheduleAttr schedule) {
  int64_t bytes = kernel.getStackBytes(step, toTile(schedule.getTile()));
  if (bytes <= LCP_CPU_STACK_BYTES)
    return success();
  return step.emitOpError()
         << "schedule: with this tile '" << kernel.getName() << "' needs "
         << bytes << " bytes of a thread's stack, of at most "
         << LCP_CPU_STACK_BYTES;
}

static LogicalResult checkLoops(func::FuncOp step, const Kernel &kernel,
                                ScheduleAttr schedule) {
  ArrayRef<Loop> loops = kernel.getLoops();
  if (loops.size() == schedule.getLoops().size() &&
      std::is_permutation(loops.begin(), loops.end(),
                          schedule.getLoops().begin()))
    return success();
  InFlightDiagnostic error = step.emitOpError()
                             << "schedule: '" << kernel.getName()
                             << "' has these loops, once each: [";
  llvm::interleaveComma(loops, error,
                        [&](Loop loop) { error << stringifyLoop(loop); });
  return error << "]";
}

FailureOr<const Kernel *> mlir::lcp::cpu::checkSchedule(func::FuncOp step) {
  auto schedule = step->getAttrOfType<ScheduleAttr>(kScheduleAttr);
  if (!schedule)
    return step.emitOpError()
           << "has no " << kScheduleAttr << ": run lcp-cpu-schedule first";
  const Kernel *kernel = findKernel(schedule.getKernel());
  if (failed(checkKernel(step, kernel, schedule.getKernel())) ||
      failed(checkTile(step, *kernel, schedule)) ||
      failed(checkStack(step, *kernel, schedule)) ||
      failed(checkLoops(step, *kernel, schedule)))
    return failure();
  WeightsAttr weights =
      kernel->getWeights(step, toTile(schedule.getTile()), schedule.getLanes(),
                         schedule.getDots());
  if (weights == schedule.getWeights())
    return kernel;
  InFlightDiagnostic error = step.emitOpError();
  error << "schedule: with this tile '" << kernel->getName() << "' reads ";
  if (weights)
    return error << "weights " << weights;
  return error << "no weights";
}
