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

/// Register tiles of one size. A tile is `vectors` x `scalars` sums; to each of
/// them `reduction` products of a vector and a scalar are added, one of all
/// sums at a time.
struct TileWork {
  /// How many tiles of this size there are.
  int64_t count;
  int64_t reduction;
  int64_t vectors, scalars;
  /// In how many passes the reduction is done: all tiles do one before any does
  /// the next, and sums wait in memory between two.
  int64_t passes = 1;
  /// Bytes of the vectors of a pass, which every tile reads anew, and of the
  /// scalars.
  int64_t passBytes = 0;
  /// Instructions that a product takes of those that `fmas` counts.
  double instructions = 1;
};

/// What is done beside tiles where inputs, weights or sums are transformed.
struct TransformWork {
  /// Arithmetic on vectors, and their loads and stores.
  double operations = 0, moves = 0;
  /// Bytes of transformed weights that are read from beyond the second cache.
  double streamed = 0;
};

/// Cycles in which one core of the machine computes all tiles. Where a pass
/// reads more than the nearest cache keeps, its vectors come from the next one.
double getCycles(ArrayRef<TileWork> work, const TransformWork &transforms,
                 Scalars source, MachineAttr machine);

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
