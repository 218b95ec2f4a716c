//===- CostModel.h - What a way to compute something costs ------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_TARGETS_CPU_COMPILER_SCHEDULE_COSTMODEL_H
#define LCP_TARGETS_CPU_COMPILER_SCHEDULE_COSTMODEL_H

#include "targets/cpu/compiler/dialect/LCPCPUDialect.h"

namespace mlir::lcp::cpu {

/// Register tiles of one size: each step of their reduction adds the products
/// of `vectors` vectors and `scalars` scalars to as many sums as products.
struct TileWork {
  /// How many tiles of this size there are.
  int64_t count;
  int64_t vectors, scalars;
};

/// Cycles of one step of every tile's reduction. Only costs of the same step of
/// a unit, which has the same reduction for all of its tiles, compare.
double getCycles(ArrayRef<TileWork> work, Scalars source, MachineAttr machine);

/// Whether the sums of a tile, its vectors, and its scalars or the register
/// that they pass through, are in registers together.
bool fitsRegisters(int64_t vectors, int64_t scalars, Scalars source,
                   MachineAttr machine);

/// Share of the multiply-adds of vectors that do useful work, in (0, 1], of a
/// convolution whose vectors are `block` channels side by side...
double getBlockEfficiency(int64_t channels, int64_t block, MachineAttr machine);
/// ...and of one whose vectors are columns of an image so wide.
double getRowEfficiency(int64_t width, int64_t strideX, MachineAttr machine);

} // namespace mlir::lcp::cpu

#endif // LCP_TARGETS_CPU_COMPILER_SCHEDULE_COSTMODEL_H
