//===- Kernel.h - What a kernel tells the scheduler -------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A kernel is one way to compute steps. It says which, with what register tiles
// and with weights in what order, and writes the code. Each is a file of
// kernels/.
//
//===----------------------------------------------------------------------===//

#ifndef LCP_TARGETS_CPU_COMPILER_SCHEDULE_KERNEL_H
#define LCP_TARGETS_CPU_COMPILER_SCHEDULE_KERNEL_H

#include "targets/cpu/compiler/dialect/Step.h"
#include "targets/cpu/compiler/schedule/CostModel.h"

namespace mlir::lcp::cpu {

class StepEmitter;

/// A #lcp_cpu.tile while it is being worked out: results, the inputs that are
/// added to them at a time, and what a transform takes at a time.
struct Tile {
  int64_t channels = 1, rows = 1, columns = 1, inputs = 1;
  int64_t winograd = 0, patches = 1, outputs = 1;

  std::array<int64_t, 7> sizes() const {
    return {channels, rows, columns, inputs, winograd, patches, outputs};
  }
};

/// One tile that a kernel could use for a step, and what the cost model asks of
/// it. Without work it costs nothing: enough for a kernel's only candidate
/// where no other kernel applies, and a sure choice where one does.
struct Candidate {
  Tile tile;
  SmallVector<TileWork, 2> work;
  TransformWork transforms = {};
};

class Kernel {
public:
  virtual ~Kernel() = default;

  /// As schedules name it.
  virtual StringRef getName() const = 0;
  virtual bool appliesTo(func::FuncOp step) const = 0;
  /// Whether it adds transformed products instead of the layer's own, which
  /// rounds otherwise.
  virtual bool transforms() const { return false; }

  /// Where its multiply-adds find their scalars, on a machine that offers
  /// `offered`.
  virtual Scalars getScalars(Scalars offered) const { return Scalars::Memory; }
  /// How it sums products of bytes, on a machine that offers `offered`.
  virtual Dots getDots(Dots offered) const { return Dots::None; }
  /// The tiles to choose among; a kernel without tiles has one of one result.
  /// Where two cost the same the first is taken.
  virtual SmallVector<Candidate> getCandidates(func::FuncOp step,
                                               MachineAttr machine) const {
    return {Candidate()};
  }
  /// The loops over tiles, in the order that is best.
  virtual ArrayRef<Loop> getLoops() const { return {}; }
  /// The order of the weights for a tile; null for a kernel without weights.
  virtual WeightsAttr getWeights(func::FuncOp step, const Tile &tile,
                                 int64_t lanes, Dots dots) const {
    return {};
  }
  /// The smallest tile that the code can be written for, whose sizes the others
  /// are multiples of, and the largest.
  virtual std::pair<Tile, Tile> getTileRange(func::FuncOp step,
                                             int64_t lanes) const {
    return {Tile(), Tile()};
  }
  /// What a thread that runs the code has on its stack, besides registers.
  virtual int64_t getStackBytes(func::FuncOp step, const Tile &tile) const {
    return 0;
  }

  /// Writes the code of a step that appliesTo, with a schedule that
  /// checkSchedule passed.
  virtual void emit(StepEmitter &step) const = 0;
};

/// A kernel that computes every step whose first op is one of `Ops`, and always
/// in the same way.
template <typename... Ops> class OpKernel : public Kernel {
public:
  OpKernel(StringRef name, void (*emitter)(StepEmitter &))
      : name(name), emitter(emitter) {}

  StringRef getName() const override { return name; }
  bool appliesTo(func::FuncOp step) const override {
    return isa<Ops...>(getRoot(step));
  }
  void emit(StepEmitter &step) const override { emitter(step); }

private:
  StringRef name;
  void (*emitter)(StepEmitter &);
};

/// Every kernel there is; in order of preference where they cost the same.
ArrayRef<std::unique_ptr<Kernel>> getKernels();

Tile toTile(TileAttr attribute);

/// The kernel that the step's schedule names. Emits an error where there is no
/// schedule, or one that its kernel cannot do.
FailureOr<const Kernel *> checkSchedule(func::FuncOp step);

} // namespace mlir::lcp::cpu

#endif // LCP_TARGETS_CPU_COMPILER_SCHEDULE_KERNEL_H
