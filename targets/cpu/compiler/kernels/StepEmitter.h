//===- StepEmitter.h - A step while its kernel is written -------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_TARGETS_CPU_COMPILER_KERNELS_STEPEMITTER_H
#define LCP_TARGETS_CPU_COMPILER_KERNELS_STEPEMITTER_H

#include "targets/cpu/compiler/dialect/Step.h"
#include "targets/cpu/compiler/kernels/KernelBuilder.h"

namespace mlir::lcp::cpu {

/// A tensor and the memref that holds it.
struct BufferedTensor {
  Value buffer;
  TensorLayout tensor;

  BufferView view() const { return getView(tensor.type, tensor.layout); }
  Type element() const { return tensor.type.getElementType(); }
};

/// Turns a step function into its kernel's code, in place. The signature
/// becomes a memref for each argument and one for the result, this thread's
/// number and the number of threads. The ops of the old body stay readable here
/// while the new one is written.
class StepEmitter {
public:
  /// `step` has a schedule, which is taken off it.
  explicit StepEmitter(func::FuncOp step);

  ScheduleAttr schedule;
  KernelBuilder k;
  /// The first op of the step; the others are fused into its stores.
  Operation *root = nullptr;
  BufferedTensor result;

  /// An operand of the step from outside.
  BufferedTensor operand(Value outside) const;
  /// The type in which the root accumulates: f32 or i32.
  Type accumulator() const;

  /// The schedule's loops over tiles. `counts` has the number of tiles along
  /// each loop, and `body` gets a tile's position along each, both in the order
  /// of the enum Loop.
  void tileLoop(const std::array<int64_t, 4> &counts,
                function_ref<void(ArrayRef<Value>)> body);

  /// Applies the ops behind the root to `value`, a scalar or a vector;
  /// `load` gives what they read from outside.
  Value applyFused(Value value, function_ref<Value(Value)> load);

  /// Writes the zeros of the result's halo.
  void fillHalo();
  /// Writes `count` zeros.
  void fillZero(Value buffer, Value position, int64_t offset, int64_t count);

private:
  friend class ResultTile;
  Region body;
  SmallVector<BufferedTensor> operands;
};

/// A place in the result, and the same place in whatever the fused ops read.
/// Positions and deltas are in the dimensions of the result's view; vectors run
/// along the last of them.
class ResultTile {
public:
  ResultTile(StepEmitter &step, ValueRange positions);

  /// Applies the fused ops to `value` at the tile's position plus `delta`, and
  /// stores its first `count` lanes (all of them if 0).
  void finish(Value value, ArrayRef<int64_t> delta, int64_t count = 0);

private:
  struct Access {
    Value buffer, base;
    SmallVector<int64_t, 6> strides;
  };
  Access makeAccess(const BufferedTensor &tensor, ValueRange positions);
  Value read(const Access &access, ArrayRef<int64_t> delta, int64_t lanes,
             int64_t count);

  StepEmitter &step;
  Access out;
  llvm::DenseMap<Value, Access> reads;
};

/// One elementwise op on scalars or vectors of equal shape.
Value emitElementwiseOp(KernelBuilder &k, Operation *op,
                        ArrayRef<Value> operands);

} // namespace mlir::lcp::cpu

#endif // LCP_TARGETS_CPU_COMPILER_KERNELS_STEPEMITTER_H
