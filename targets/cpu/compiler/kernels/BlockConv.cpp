//===- BlockConv.cpp - Convolution, channels of the result in vectors -----===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/cpu/compiler/graph/OpTraits.h"
#include "targets/cpu/compiler/kernels/ConvShape.h"
#include "targets/cpu/compiler/kernels/Kernels.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::lcp;
using namespace mlir::lcp::cpu;

namespace {

/// The kernel's fixed parts. A tile is whole blocks of outputs; what follows
/// counts in blocks.
struct BlockConv {
  StepKernel &step;
  KernelBuilder &k;
  Conv2DOp conv;
  ConvShape shape;
  BufferedTensor input, weight;
  BufferView in;
  int64_t inputBlock, lanes, blocks;
  Type element;

  explicit BlockConv(StepKernel &step)
      : step(step), k(step.k), conv(cast<Conv2DOp>(step.root)), shape(conv),
        input(step.operand(conv.getInput())),
        weight(step.operand(conv.getWeight())), in(input.view()),
        inputBlock(input.tensor.layout.block),
        lanes(step.result.tensor.layout.block),
        blocks(llvm::divideCeil(shape.outputs, lanes)),
        element(step.accumulator()) {}

  struct Registers {
    int64_t blocks, rows, columns;
    Value input, weight;
  };

  int64_t inputBlocks() const {
    return llvm::divideCeil(shape.inputs, inputBlock);
  }
  /// Packed weights of one block of outputs.
  int64_t reduction() const {
    return inputBlocks() * inputBlock * shape.kernelHeight * shape.kernelWidth;
  }
  int64_t columnStride() const { return in.strides[3]; }
  int64_t rowStride() const { return in.strides[2]; }

  void emit(const Tile &tile);
  void emitPart(Cut blockCut, bool lastBlocks, Cut rowCut, bool lastRows,
                int64_t columns);
  void emitTile(const Registers &tile, ResultTile &out, Value channel);
  SmallVector<Value> accumulate(const Registers &tile, SmallVector<Value> sums);
  SmallVector<Value> multiplyLanes(const Registers &tile, Value input,
                                   Value weight, int64_t count,
                                   ValueRange sums);
};

void BlockConv::emit(const Tile &tile) {
  Cut blockCut{blocks, tile.channels / lanes};
  Cut rowCut{shape.outHeight, tile.rows};
  for (bool lastBlocks : {false, true})
    for (bool lastRows : {false, true})
      if ((lastBlocks ? blockCut.rest() : blockCut.full()) &&
          (lastRows ? rowCut.rest() : rowCut.full()))
        emitPart(blockCut, lastBlocks, rowCut, lastRows, tile.columns);
}

/// All tiles of one height and number of blocks.
void BlockConv::emitPart(Cut blockCut, bool lastBlocks, Cut rowCut,
                         bool lastRows, int64_t columns) {
  int64_t tileBlocks = lastBlocks ? blockCut.rest() : blockCut.tile;
  int64_t tileRows = lastRows ? rowCut.rest() : rowCut.tile;
  int64_t blockTiles = lastBlocks ? 1 : blockCut.full();
  int64_t rowTiles = lastRows ? 1 : rowCut.full();
  int64_t firstBlock = lastBlocks ? blockCut.full() * blockCut.tile : 0;
  int64_t firstRow = lastRows ? rowCut.full() * rowCut.tile : 0;
  step.tileLoop(
      {shape.images, shape.groups, blockTiles, rowTiles},
      [&](ArrayRef<Value> at) {
        Value block = k.add(k.mul(at[2], blockCut.tile), firstBlock);
        Value channelBlock = k.add(k.mul(at[1], blocks), block);
        Value row = k.add(k.mul(at[3], rowCut.tile), firstRow);
        Value weightBase = k.mul(channelBlock, reduction() * lanes);
        int64_t groupStride = shape.inputs / inputBlock * in.strides[1];
        Value inputRow =
            k.add(k.dot({at[0], at[1], row}, {in.strides[0], groupStride,
                                              shape.strideY * rowStride()}),
                  in.origin - shape.padTop * rowStride() -
                      shape.padLeft * columnStride());
        auto emitColumns = [&](Value column, int64_t count) {
          Registers tile{
              tileBlocks, tileRows, count,
              k.add(inputRow, k.mul(column, shape.strideX * columnStride())),
              weightBase};
          ResultTile out(step, {at[0], channelBlock, row, column, k.index(0)});
          emitTile(tile, out, channelBlock);
        };
        Cut columnCut{shape.outWidth, columns};
        k.loop(columnCut.full(),
               [&](Value i) { emitColumns(k.mul(i, columns), columns); });
        if (columnCut.rest())
          emitColumns(k.index(columnCut.full() * columns), columnCut.rest());
      });
}

void BlockConv::emitTile(const Registers &tile, ResultTile &out,
                         Value channel) {
  int64_t points = tile.rows * tile.columns;
  SmallVector<Value> sums;
  for (int64_t b = 0; b < tile.blocks; ++b) {
    Value start;
    if (conv.getBias())
      start = k.load(step.operand(conv.getBias()).buffer, k.mul(channel, lanes),
                     b * lanes, lanes, element);
    else
      start = k.zero(element, lanes);
    sums.append(points, start);
  }
  sums = accumulate(tile, sums);
  for (int64_t b = 0; b < tile.blocks; ++b)
    for (int64_t y = 0; y < tile.rows; ++y)
      for (int64_t x = 0; x < tile.columns; ++x)
        out.finish(sums[b * points + y * tile.columns + x], {0, b, y, x, 0});
}

/// The reduction: input blocks, rows and columns of the kernel, lanes.
SmallVector<Value> BlockConv::accumulate(const Registers &tile,
                                         SmallVector<Value> sums) {
  int64_t step1 = inputBlock * tile.blocks * lanes;
  int64_t stepX = step1, stepY = stepX * shape.kernelWidth;
  int64_t stepI = stepY * shape.kernelHeight;
  // Lanes are unrolled four at a time. The kernel's columns are not: their
  // inputs overlap, and keeping them for the next column would cost registers.
  int64_t unroll = inputBlock > 1 ? 4 : 1;
  auto lanesLoop = [&](Value input, Value weight, ValueRange carried) {
    return k.loop(inputBlock / unroll, carried, [&](Value l, ValueRange inner) {
      return multiplyLanes(
          tile, k.add(input, k.mul(l, unroll)),
          k.add(weight, k.mul(l, unroll * tile.blocks * lanes)), unroll, inner);
    });
  };
  auto columnsLoop = [&](Value input, Value weight, ValueRange carried) {
    auto at = [&](Value x, ValueRange inner) {
      return lanesLoop(k.add(input, k.mul(x, shape.dilationX * columnStride())),
                       k.add(weight, k.mul(x, stepX)), inner);
    };
    return k.loop(shape.kernelWidth, carried, at);
  };
  return k.loop(inputBlocks(), sums, [&](Value i, ValueRange carried) {
    Value input = k.add(tile.input, k.mul(i, in.strides[1]));
    Value weight = k.add(tile.weight, k.mul(i, stepI));
    return k.loop(shape.kernelHeight, carried, [&](Value y, ValueRange inner) {
      return columnsLoop(k.add(input, k.mul(y, shape.dilationY * rowStride())),
                         k.add(weight, k.mul(y, stepY)), inner);
    });
  });
}

/// `count` input channels, side by side in memory, times all of the tile.
SmallVector<Value> BlockConv::multiplyLanes(const Registers &tile,
                                            Value inputAt, Value weightAt,
                                            int64_t count, ValueRange carried) {
  SmallVector<Value> sums(carried), wide;
  int64_t points = tile.rows * tile.columns;
  auto offset = [&](int64_t p) {
    return p / tile.columns * shape.strideY * rowStride() +
           p % tile.columns * shape.strideX * columnStride();
  };
  bool byLane = step.schedule.getScalars() == Scalars::Lane && count > 1;
  if (byLane)
    for (int64_t p = 0; p < points; ++p)
      wide.push_back(k.load(input.buffer, inputAt, offset(p), count, element));
  for (int64_t l = 0; l < count; ++l) {
    SmallVector<Value> weights;
    for (int64_t b = 0; b < tile.blocks; ++b)
      weights.push_back(k.load(weight.buffer, weightAt,
                               (l * tile.blocks + b) * lanes, lanes, element));
    for (int64_t p = 0; p < points; ++p) {
      Value scalar =
          byLane ? k.extract(wide[p], l)
                 : k.load(input.buffer, inputAt, offset(p) + l, 1, element);
      Value factor = k.splat(scalar, lanes);
      for (int64_t b = 0; b < tile.blocks; ++b) {
        Value &sum = sums[b * points + p];
        sum = k.multiplyAdd(factor, weights[b], sum);
      }
    }
  }
  return sums;
}

class BlockConvKernel : public Kernel {
public:
  StringRef getName() const override { return "block_conv"; }

  bool appliesTo(func::FuncOp step) const override {
    auto conv = dyn_cast<Conv2DOp>(getRoot(step));
    return conv && getBlock(step) > 1 && !isDepthwise(conv);
  }

  Scalars getScalars(Scalars offered) const override { return offered; }

  SmallVector<Candidate> getCandidates(func::FuncOp step,
                                       MachineAttr machine) const override;

  /// Rows innermost: a tile's weights stay in the cache while the image passes
  /// by.
  ArrayRef<Loop> getLoops() const override {
    static constexpr Loop loops[] = {Loop::Image, Loop::Group, Loop::Channel,
                                     Loop::Row};
    return loops;
  }

  WeightsAttr getWeights(func::FuncOp step, const Tile &tile,
                         int64_t) const override {
    auto conv = cast<Conv2DOp>(getRoot(step));
    return WeightsAttr::get(step.getContext(), tile.channels, getBlock(step),
                            getOperand(step, conv.getInput()).layout.block);
  }

  std::pair<Tile, Tile> getTileRange(func::FuncOp step,
                                     int64_t) const override {
    ConvShape shape(cast<Conv2DOp>(getRoot(step)));
    int64_t block = getBlock(step);
    int64_t channels = llvm::alignTo(shape.outputs, block);
    return {{block}, {channels, shape.outHeight, shape.outWidth}};
  }

  void emit(StepKernel &step) const override {
    BlockConv(step).emit(toTile(step.schedule.getTile()));
  }

private:
  static int64_t getBlock(func::FuncOp step) {
    return getResult(step).layout.block;
  }
};

/// Outer products of blocks by points that fill the registers.
SmallVector<Candidate>
BlockConvKernel::getCandidates(func::FuncOp step, MachineAttr machine) const {
  ConvShape shape(cast<Conv2DOp>(getRoot(step)));
  int64_t lanes = getBlock(step);
  int64_t blocks = llvm::divideCeil(shape.outputs, lanes);
  SmallVector<Candidate> candidates;
  for (int64_t b = 1; b <= std::min<int64_t>(blocks, 4); ++b)
    for (int64_t r = 1; r <= std::min<int64_t>(shape.outHeight, 4); ++r)
      for (int64_t c = 1; c <= std::min<int64_t>(shape.outWidth, 28); ++c) {
        if (!fitsRegisters(b, r * c, machine.getScalars(), machine))
          continue;
        Candidate &candidate = candidates.emplace_back();
        candidate.tile = {b * lanes, r, c};
        for (auto [partBlocks, blockTiles] : Cut{blocks, b}.tiles())
          for (auto [rows, rowTiles] : Cut{shape.outHeight, r}.tiles())
            for (auto [columns, columnTiles] : Cut{shape.outWidth, c}.tiles())
              candidate.work.push_back({blockTiles * rowTiles * columnTiles,
                                        partBlocks, rows * columns});
      }
  return candidates;
}

} // namespace

std::unique_ptr<Kernel> mlir::lcp::cpu::createBlockConv() {
  return std::make_unique<BlockConvKernel>();
}
