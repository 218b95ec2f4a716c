//===- DotProducts.h - Sums of four products of bytes -----------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_TARGETS_CPU_COMPILER_KERNELS_DOTPRODUCTS_H
#define LCP_TARGETS_CPU_COMPILER_KERNELS_DOTPRODUCTS_H

#include "targets/cpu/compiler/dialect/LCPCPUDialect.h"
#include "targets/cpu/compiler/kernels/KernelBuilder.h"

namespace mlir::lcp::cpu {

/// Inputs that are multiplied and summed at a time.
inline constexpr int64_t kQuad = 4;

/// Inputs of each output that lie side by side in the weights.
int64_t getTogether(Dots dots);

/// What `dots` needs added to inputs some of which are negative.
int64_t getOffset(Dots dots, bool nonNegative);

/// What a quad of inputs adds to vectors of `lanes` sums of 32 bits. No
/// intermediate result saturates, since bytes lie in [-127, 127]: two products
/// stay within 16 bits.
class DotProducts {
public:
  DotProducts(KernelBuilder &k, Dots dots, bool nonNegative, int64_t lanes);

  /// A quad of weights of `lanes` outputs of a panel so wide: a vector, or one
  /// for each pair.
  SmallVector<Value> loadWeights(Value buffer, Value position, int64_t offset,
                                 int64_t panel);
  /// A quad of inputs, in every lane.
  SmallVector<Value> loadInputs(Value buffer, Value position, int64_t offset);
  /// The quads of four neighbours, which lie `kQuad` bytes apart.
  SmallVector<SmallVector<Value>> loadFourInputs(Value buffer, Value position,
                                                 int64_t offset);
  Value add(ValueRange inputs, ValueRange weights, Value sum);

  /// What makes up for the offset of inputs: `lanes` words.
  Value loadWords(Value buffer, Value position, int64_t offset);

private:
  SmallVector<Value> toInputs(Value quads, int64_t lane);
  Value addPMAdd(Value input, Value weight, Value sum);
  Value addSMLAL(ValueRange inputs, ValueRange weights, Value sum);
  Value call(StringRef intrinsic, Type type, ValueRange operands);
  Value cast(Value vector, Type element);
  Value loadBytes(Value buffer, Value position, int64_t offset, int64_t count);
  VectorType vectorOf(int64_t count, unsigned bits);

  KernelBuilder &k;
  OpBuilder &b;
  Dots dots;
  bool nonNegative;
  int64_t lanes;
};

} // namespace mlir::lcp::cpu

#endif // LCP_TARGETS_CPU_COMPILER_KERNELS_DOTPRODUCTS_H
