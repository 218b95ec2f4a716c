//===- Schedule.cpp - Register tiles, chosen from shape and CPU ---===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/cpu/compiler/schedule/Schedule.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::lcp;
using namespace mlir::lcp::cpu;

ConvShape::ConvShape(Conv2DOp conv) {
  auto in = getTensorType(conv.getInput()).getShape();
  auto weight = getTensorType(conv.getWeight()).getShape();
  auto out = getTensorType(conv.getResult()).getShape();
  images = in[0];
  height = in[2];
  width = in[3];
  outHeight = out[2];
  outWidth = out[3];
  groups = conv.getGroups();
  inputs = weight[1];
  outputs = weight[0] / groups;
  kernelHeight = weight[2];
  kernelWidth = weight[3];
  strideY = conv.getStrides()[0];
  strideX = conv.getStrides()[1];
  dilationY = conv.getDilations()[0];
  dilationX = conv.getDilations()[1];
  padTop = conv.getPads()[0];
  padLeft = conv.getPads()[1];
}

namespace {
/// Cycles of one step of the reduction over a tile of `vectors` by `scalars`,
/// on a core with two multiply-adds of four cycles and two loads a cycle. The
/// ratios, not the figures, decide.
double getStepCost(int64_t vectors, int64_t scalars, const VectorUnit &unit) {
  double products = vectors * scalars / 2.0;
  double loads = (vectors + (unit.laneOperand ? scalars / 4.0 : scalars)) / 2.0;
  return std::max({products, loads, 4.0});
}

bool fitsRegisters(int64_t vectors, int64_t scalars, const VectorUnit &unit) {
  int64_t operands = vectors + (unit.laneOperand ? scalars : 1);
  return vectors * scalars + operands <= unit.registers;
}

/// The sizes and counts of the tiles of a dimension.
SmallVector<std::pair<int64_t, int64_t>, 2> getTiles(const Cut &cut) {
  SmallVector<std::pair<int64_t, int64_t>, 2> tiles;
  if (cut.full())
    tiles.push_back({cut.tile, cut.full()});
  if (cut.rest())
    tiles.push_back({cut.rest(), 1});
  return tiles;
}
} // namespace

BlockTile mlir::lcp::cpu::chooseBlockTile(const ConvShape &shape, int64_t block,
                                          const VectorUnit &unit) {
  int64_t blocks = llvm::divideCeil(shape.outputs, block);
  auto cost = [&](const BlockTile &tile) {
    double sum = 0;
    for (auto [b, nb] : getTiles({blocks, tile.blocks}))
      for (auto [r, nr] : getTiles({shape.outHeight, tile.rows}))
        for (auto [c, nc] : getTiles({shape.outWidth, tile.columns}))
          sum += nb * nr * nc * (getStepCost(b, r * c, unit) + 0.5);
    return sum;
  };
  BlockTile best;
  double bestCost = cost(best);
  for (int64_t b = 1; b <= std::min<int64_t>(blocks, 4); ++b)
    for (int64_t r = 1; r <= std::min<int64_t>(shape.outHeight, 4); ++r)
      for (int64_t c = 1; c <= std::min<int64_t>(shape.outWidth, 28); ++c) {
        BlockTile tile{b, r, c};
        if (!fitsRegisters(b, r * c, unit) || cost(tile) >= bestCost)
          continue;
        best = tile;
        bestCost = cost(tile);
      }
  return best;
}

RowTile mlir::lcp::cpu::chooseRowTile(const ConvShape &shape,
                                      const VectorUnit &unit) {
  RowTile best;
  best.lanes =
      std::min<int64_t>(unit.lanes, llvm::bit_floor<uint64_t>(shape.outWidth));
  int64_t across = llvm::divideCeil(shape.outWidth, best.lanes);
  VectorUnit scalars = unit;
  scalars.laneOperand = false;
  auto cost = [&](const RowTile &tile) {
    double sum = 0;
    int64_t columnTiles = llvm::divideCeil(across, tile.vectors);
    for (auto [o, no] : getTiles({shape.outputs, tile.channels}))
      for (auto [r, nr] : getTiles({shape.outHeight, tile.rows}))
        sum += no * nr * columnTiles *
               (getStepCost(r * tile.vectors, o, scalars) + 0.5);
    return sum;
  };
  double bestCost = cost(best);
  for (int64_t o = 1; o <= std::min<int64_t>(shape.outputs, 8); ++o)
    for (int64_t r = 1; r <= std::min<int64_t>(shape.outHeight, 4); ++r)
      for (int64_t v = 1;
           v <= std::min<int64_t>(shape.outWidth / best.lanes, 6); ++v) {
        RowTile tile{o, r, v, best.lanes};
        if (!fitsRegisters(r * v, o, scalars) || cost(tile) >= bestCost)
          continue;
        best = tile;
        bestCost = cost(tile);
      }
  return best;
}

PointTile mlir::lcp::cpu::choosePointTile(const ConvShape &shape,
                                          const VectorUnit &unit) {
  // Enough sums under way, and room for a weight and an input.
  int64_t most = std::min<int64_t>(unit.registers - 4, 14);
  PointTile tile;
  tile.columns = std::min(shape.outWidth, most);
  while (tile.columns > 7 && shape.outWidth % tile.columns != 0)
    --tile.columns;
  tile.rows =
      std::min(shape.outHeight, std::max<int64_t>(1, most / tile.columns));
  while (tile.rows > 1 && shape.outHeight % tile.rows != 0)
    --tile.rows;
  return tile;
}

DenseTile mlir::lcp::cpu::chooseDenseTile(int64_t inputs, int64_t outputs,
                                          const VectorUnit &unit) {
  DenseTile tile;
  tile.lanes = std::min<int64_t>(
      unit.lanes,
      std::max<int64_t>(4, llvm::PowerOf2Ceil(static_cast<uint64_t>(outputs))));
  int64_t vectors = llvm::divideCeil(outputs, tile.lanes);
  tile.vectors = std::min<int64_t>(vectors, 8);
  tile.splits =
      std::min<int64_t>(inputs, std::max<int64_t>(1, 8 / tile.vectors));
  return tile;
}
