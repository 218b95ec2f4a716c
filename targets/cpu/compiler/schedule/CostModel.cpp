//===- CostModel.cpp - What a way to compute something costs --------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/cpu/compiler/schedule/CostModel.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::lcp::cpu;

/// Cycles in which a tile adds one product to each of its sums: the products,
/// the loads, or the latency that too few sums expose, whichever takes longest.
/// A load brings one vector, one scalar, or the scalars of four lanes.
static double getProductCycles(const TileWork &tile, Scalars source,
                               MachineAttr machine) {
  int64_t vectors = tile.vectors, scalars = tile.scalars;
  double products = vectors * scalars * tile.instructions / machine.getFmas();
  double loads =
      (vectors + (source == Scalars::Lane ? scalars / 4.0 : scalars)) /
      double(machine.getLoads());
  return std::max({products, loads, double(machine.getLatency())});
}

/// Cycles for bringing a product's vectors to the nearest cache, where they
/// were evicted by what other tiles read. They are not hidden behind the
/// products: measured, a convolution whose weights do not stay reaches half of
/// its speed.
static double getRefillCycles(const TileWork &tile, MachineAttr machine) {
  // A quarter is for the results, and for lines that share a set.
  if (tile.passBytes < machine.getL1d() / 4 * 3)
    return 0;
  // From the second level; manuals have 16 (Arm) to 64 (x86), at best.
  constexpr double kBytesPerCycle = 16;
  return tile.vectors * machine.getLanes() * 4 / kBytesPerCycle;
}

/// Cycles in which the sums are loaded and stored for all passes, and once more
/// before the first and behind the last.
static double getPassCycles(const TileWork &tile, MachineAttr machine) {
  if (tile.passes == 1)
    return 0;
  return 2.0 * (tile.passes + 1) * tile.vectors * tile.scalars /
         machine.getLoads();
}

/// Transforms hide nothing: they are short, and move as much as they compute.
/// Of weights that are fetched ahead, measured, about half of the time shows.
static double getTransformCycles(const TransformWork &work,
                                 MachineAttr machine) {
  return work.operations / machine.getFmas() + work.moves / machine.getLoads() +
         work.streamed / machine.getMemory() / 2;
}

double mlir::lcp::cpu::getCycles(ArrayRef<TileWork> work,
                                 const TransformWork &transforms,
                                 Scalars source, MachineAttr machine) {
  // Counting the reduction costs something too.
  constexpr double kOverhead = 0.5;
  double sum = getTransformCycles(transforms, machine);
  for (const TileWork &tile : work) {
    double product = getProductCycles(tile, source, machine) +
                     getRefillCycles(tile, machine) + kOverhead;
    sum +=
        tile.count * (tile.reduction * product + getPassCycles(tile, machine));
  }
  return sum;
}

bool mlir::lcp::cpu::fitsRegisters(int64_t vectors, int64_t scalars,
                                   Scalars source, MachineAttr machine) {
  int64_t operands = vectors + (source == Scalars::Lane ? scalars : 1);
  return vectors * scalars + operands <= machine.getRegisters();
}

/// Share of the elements of vectors that are of use.
static double getUse(int64_t size, int64_t vector) {
  return double(size) / llvm::alignTo(size, vector);
}

double mlir::lcp::cpu::getBlockEfficiency(int64_t channels, int64_t block,
                                          MachineAttr machine) {
  return getUse(channels, block) * block / machine.getLanes();
}

double mlir::lcp::cpu::getRowEfficiency(int64_t width, int64_t strideX,
                                        MachineAttr machine) {
  // The last vector overlaps the one before, and a stride costs shuffles. The
  // scalar side is a weight, shared by few vectors.
  int64_t vector =
      std::min<int64_t>(machine.getLanes(), llvm::bit_floor<uint64_t>(width));
  double strided = strideX > 1 ? 0.6 : 1;
  return getUse(width, vector) * vector / machine.getLanes() * 0.85 * strided;
}
