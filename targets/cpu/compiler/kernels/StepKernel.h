//===- StepKernel.h - A step while its kernel is written ---===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_TARGETS_CPU_COMPILER_KERNELS_STEPKERNEL_H
#define LCP_TARGETS_CPU_COMPILER_KERNELS_STEPKERNEL_H

#include "targets/cpu/compiler/kernels/KernelBuilder.h"
#include "targets/cpu/compiler/dialect/Step.h"

namespace mlir::lcp::cpu {

/// A tensor and the memref that holds it.
struct BufferedTensor {
  Value buffer;
  TensorLayout tensor;

  BufferView view() const { return getView(tensor.type, tensor.layout); }
  Type element() const { return tensor.type.getElementType(); }
};

/// Turns a step function into a kernel in place: the signature becomes one
/// memref an argument, one for the result, the thread and the threads; the ops
/// of the old body stay readable here while the new one is written.
class StepKernel {
public:
  StepKernel(func::FuncOp step, const VectorUnit &unit);

  KernelBuilder k;
  /// The first op of the step; the others are fused into its stores.
  Operation *root = nullptr;
  BufferedTensor result;

  /// An operand of the step from outside.
  BufferedTensor operand(Value outside) const;
  /// The type in which the root accumulates: f32 or i32.
  Type accumulator() const;

  /// Applies the ops behind the root to `value`, a scalar or a vector;
  /// `load` gives what they read from outside.
  Value applyFused(Value value, function_ref<Value(Value)> load);

  /// Zeros around the result's image.
  void fillHalo();
  /// `count` elements of zero at `position`.
  void fillZero(Value buffer, Value position, int64_t offset, int64_t count);

private:
  friend class ResultTile;
  Region body;
  SmallVector<BufferedTensor> operands;
};

/// A place in the result, and the same place in what fused ops read there.
/// Positions and deltas are in the dimensions of the result's view; vectors run
/// along the last of them.
class ResultTile {
public:
  ResultTile(StepKernel &step, ValueRange positions);

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

  StepKernel &step;
  Access out;
  llvm::DenseMap<Value, Access> reads;
};

/// Kernels by the kind of the root. Each writes the whole result but its halo.
void emitConv(StepKernel &step);
void emitDense(StepKernel &step);
void emitElementwise(StepKernel &step);
void emitPool(StepKernel &step);
void emitGlobalAvgPool(StepKernel &step);
void emitSoftmax(StepKernel &step);
void emitLRN(StepKernel &step);
void emitCopy(StepKernel &step);
void emitConcat(StepKernel &step);
void emitSlice(StepKernel &step);
void emitTranspose(StepKernel &step);
void emitChannelShuffle(StepKernel &step);
void emitPad(StepKernel &step);

/// Of a convolution: channels of the result in vectors; columns of the image in
/// vectors; one channel in and out a group, in vectors.
void emitBlockConv(StepKernel &step);
void emitRowConv(StepKernel &step);
void emitDepthwiseConv(StepKernel &step);

/// A copy from plain to blocks or back by vectors; false, and nothing emitted,
/// where neither side is plain or the image is smaller than a block.
bool emitBlockCopy(StepKernel &step, const BufferedTensor &input);

/// One elementwise op on scalars or vectors of equal shape.
Value emitElementwiseOp(KernelBuilder &k, Operation *op,
                        ArrayRef<Value> operands);

} // namespace mlir::lcp::cpu

#endif // LCP_TARGETS_CPU_COMPILER_KERNELS_STEPKERNEL_H
