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
static double getProductCycles(int64_t vectors, int64_t scalars, Scalars source,
                               MachineAttr machine) {
  double products = vectors * scalars / double(machine.getFmas());
  double loads =
      (vectors + (source == Scalars::Lane ? scalars / 4.0 : scalars)) /
      double(machine.getLoads());
  return std::max({products, loads, double(machine.getLatency())});
}

double mlir::lcp::cpu::getCycles(ArrayRef<TileWork> work, Scalars source,
                                 MachineAttr machine) {
  // Counting the reduction costs something too.
  constexpr double kOverhead = 0.5;
  double sum = 0;
  for (const TileWork &tile : work)
    sum += tile.count * tile.reduction *
           (getProductCycles(tile.vectors, tile.scalars, source, machine) +
            kOverhead);
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
