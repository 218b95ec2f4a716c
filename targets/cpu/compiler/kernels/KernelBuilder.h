//===- KernelBuilder.h - Indices, loops, vectors of kernels -----*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_TARGETS_CPU_COMPILER_KERNELS_KERNELBUILDER_H
#define LCP_TARGETS_CPU_COMPILER_KERNELS_KERNELBUILDER_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Builders.h"
#include "llvm/ADT/DenseMap.h"

namespace mlir::lcp::cpu {

/// Writes one kernel. Buffers are flat memrefs, addressed by a position that
/// varies plus one known at compile time, in elements.
class KernelBuilder {
public:
  /// `lanes`: elements of the longest vectors.
  KernelBuilder(func::FuncOp kernel, int64_t lanes);

  OpBuilder &builder() { return b; }
  Location loc() const { return location; }
  int64_t lanes() const { return maxLanes; }

  /// Index arithmetic; folds what is known.
  Value index(int64_t value);
  Value add(Value lhs, Value rhs);
  Value add(Value lhs, int64_t rhs) { return add(lhs, index(rhs)); }
  Value sub(Value lhs, Value rhs);
  Value mul(Value lhs, int64_t rhs);
  Value mul(Value lhs, Value rhs);
  Value div(Value lhs, int64_t rhs);
  Value rem(Value lhs, int64_t rhs);
  Value min(Value lhs, Value rhs);
  Value max(Value lhs, Value rhs);
  /// Sum of position times stride.
  Value dot(ValueRange positions, ArrayRef<int64_t> strides);
  /// `linear` in the mixed radix of `sizes`, first size outermost.
  SmallVector<Value> delinearize(Value linear, ArrayRef<int64_t> sizes);

  using Body = function_ref<void(Value)>;
  using Carry = SmallVector<Value>;
  using CarryBody = function_ref<Carry(Value, ValueRange)>;
  /// for (i = 0; i < count; ++i); a count of one needs no loop.
  void loop(int64_t count, Body body);
  void loop(Value from, Value to, Body body);
  /// The same with values carried from one round to the next.
  Carry loop(int64_t count, ValueRange inits, CarryBody body);
  Carry loop(Value from, Value to, ValueRange inits, CarryBody body);
  /// The rounds of such a loop one behind the other, without a loop.
  Carry unrolled(int64_t count, ValueRange inits, CarryBody body);
  /// This thread's share of [0, count).
  void parallelLoop(int64_t count, Body body);

  /// A scalar or, with more than one lane, a vector. `type` is what the values
  /// are computed in: i8 is widened to i32 when that is asked for.
  Value load(Value buffer, Value position, int64_t offset, int64_t lanes,
             Type type);
  /// The first of every `stride` elements. Reads less than a vector past the
  /// last.
  Value loadStrided(Value buffer, Value position, int64_t offset, int64_t lanes,
                    int64_t stride, Type type);
  /// Stores the first `count` lanes, or all if it is 0.
  void store(Value value, Value buffer, Value position, int64_t offset,
             int64_t count = 0);
  /// Brings the line of an element to the second cache. A position outside of
  /// the buffer does no harm.
  void prefetch(Value buffer, Value position);

  /// A buffer on the thread's stack, for as long as the kernel runs. It is
  /// aligned to 64 bytes and holds what happened to be there.
  Value scratch(int64_t elements, Type type);

  /// A scalar constant of an element type.
  Value constant(Type type, double value);
  /// Every lane the same; the scalar itself for one lane.
  Value splat(Value scalar, int64_t lanes);
  Value zero(Type element, int64_t lanes) {
    return splat(constant(element, 0), lanes);
  }
  Value extract(Value vector, int64_t lane);
  Value shuffle(Value first, Value second, ArrayRef<int64_t> lanes);
  /// The vector followed by zeros.
  Value widen(Value vector, int64_t lanes);
  Value plus(Value lhs, Value rhs);
  /// a * b + c in f32 or i32.
  Value multiplyAdd(Value a, Value b, Value c);

  static Type elementType(Value buffer) {
    return cast<MemRefType>(buffer.getType()).getElementType();
  }

private:
  OpBuilder b;
  Location location;
  int64_t maxLanes;
  func::FuncOp kernel;
  llvm::DenseMap<int64_t, Value> indices;
};

} // namespace mlir::lcp::cpu

#endif // LCP_TARGETS_CPU_COMPILER_KERNELS_KERNELBUILDER_H
