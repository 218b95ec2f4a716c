//===- BlockConv.cpp - Convolution, channels of the result in vectors -----===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/cpu/compiler/dialect/OpTraits.h"
#include "targets/cpu/compiler/kernels/ConvEmitter.h"
#include "targets/cpu/compiler/kernels/ConvWork.h"
#include "targets/cpu/compiler/kernels/KernelRegistry.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::lcp;
using namespace mlir::lcp::cpu;

namespace {

/// A tile is whole blocks of outputs; what follows counts in blocks.
struct BlockConv : ConvEmitter {
  int64_t inputBlock, lanes, blocks;

  explicit BlockConv(StepEmitter &step)
      : ConvEmitter(step), inputBlock(input.tensor.layout.block),
        lanes(step.result.tensor.layout.block),
        blocks(llvm::divideCeil(shape.outputs, lanes)) {}

  /// A tile, and where the first of its inputs and weights are.
  struct PlacedTile {
    int64_t blocks, rows, columns;
    Value input, weight;
    /// How far behind the weights that it reads are those that it prefetches;
    /// null where it prefetches none.
    Value ahead;
    /// How many blocks of inputs; all of them where it is null.
    Value inputs = {};
  };

  /// Rows of tiles of one panel, which add a block of inputs after the other.
  struct Band {
    int64_t blocks;
    Value image, channel, from, to;
  };

  int64_t inputBlocks() const {
    return llvm::divideCeil(shape.inputs, inputBlock);
  }

  void emit();
  void emitPart(const Cut::Part &blockPart, const Cut::Part &rowPart);
  void emitBlocked(const Cut::Part &blockPart);
  int64_t getBandTiles(int64_t panels, int64_t down);
  void emitPoints(const Band &band, bool last);
  void addInputs(const Band &band, Value inputAt, Value weightAt, Value inputs);
  void addToTile(const PlacedTile &placed, Value out);
  int64_t getLine() const;
  int64_t getGroupLines(int64_t blocks) const;
  int64_t getLinesOfTile(int64_t blocks) const;
  Value getAhead(int64_t blocks, int64_t pass, Value row, Value column);
  void prefetch(const PlacedTile &placed, Value weightAt);
  void emitTile(const PlacedTile &placed, ResultTile &out, Value channel);
  SmallVector<Value> accumulate(const PlacedTile &placed,
                                SmallVector<Value> sums);
  SmallVector<Value> multiplyLanes(const PlacedTile &placed, Value input,
                                   Value weight, int64_t count,
                                   ValueRange sums);
};

void BlockConv::emit() {
  bool blocked = tile.inputs > 1 && tile.inputs < shape.inputs;
  for (const Cut::Part &blockPart :
       Cut{blocks, tile.channels / lanes}.parts()) {
    if (blocked)
      emitBlocked(blockPart);
    else
      for (const Cut::Part &rowPart : Cut{shape.outHeight, tile.rows}.parts())
        emitPart(blockPart, rowPart);
  }
}

/// All tiles of one height and number of blocks.
void BlockConv::emitPart(const Cut::Part &blockPart, const Cut::Part &rowPart) {
  int64_t groupStride = shape.inputs / inputBlock * in.strides[1];
  step.tileLoop(
      {shape.images, shape.groups, blockPart.count, rowPart.count},
      [&](ArrayRef<Value> at) {
        Value channelBlock =
            k.add(k.mul(at[1], blocks), getFirst(blockPart, at[2]));
        Value row = getFirst(rowPart, at[3]);
        Value weightBase =
            k.mul(channelBlock, shape.getReduction(inputBlock) * lanes);
        Value inputRow = getInputRow(at[0], at[1], groupStride, row);
        columnLoop([&](Value column, int64_t columns) {
          PlacedTile placed{
              blockPart.size,
              rowPart.size,
              columns,
              k.add(inputRow, k.mul(column, shape.strideX * columnStride())),
              weightBase,
              getAhead(blockPart.size, shape.getReduction(inputBlock), row,
                       column)};
          ResultTile out(step, {at[0], channelBlock, row, column, k.index(0)});
          emitTile(placed, out, channelBlock);
        });
      });
}

/// The tiles of a band of rows add one block of inputs after the other, so that
/// its weights stay in the nearest cache meanwhile. Sums wait in the result.
void BlockConv::emitBlocked(const Cut::Part &blockPart) {
  int64_t chunk = llvm::divideCeil(tile.inputs, inputBlock);
  int64_t groupStride = shape.inputs / inputBlock * in.strides[1];
  int64_t weightI = shape.kernelHeight * shape.kernelWidth * inputBlock *
                    blockPart.size * lanes;
  int64_t down = llvm::divideCeil(shape.outHeight, tile.rows);
  int64_t bandTiles = getBandTiles(blockPart.count * shape.groups, down);
  int64_t bands = llvm::divideCeil(down, bandTiles);
  step.tileLoop(
      {shape.images, shape.groups, blockPart.count, bands},
      [&](ArrayRef<Value> at) {
        Value channel = k.add(k.mul(at[1], blocks), getFirst(blockPart, at[2]));
        Value from = k.mul(at[3], bandTiles);
        Band band{blockPart.size, at[0], channel, from,
                  k.min(k.add(from, bandTiles), k.index(down))};
        Value weight = k.mul(channel, shape.getReduction(inputBlock) * lanes);
        Value input = getInputRow(at[0], at[1], groupStride, k.index(0));
        emitPoints(band, /*last=*/false);
        k.loop(llvm::divideCeil(inputBlocks(), chunk), [&](Value c) {
          Value first = k.mul(c, chunk);
          Value left = k.sub(k.index(inputBlocks()), first);
          addInputs(band, k.add(input, k.mul(first, in.strides[1])),
                    k.add(weight, k.mul(first, weightI)),
                    k.min(k.index(chunk), left));
        });
        emitPoints(band, /*last=*/true);
      });
}

/// Rows of tiles in a band: all of them, unless there are too few panels for
/// threads to share.
int64_t BlockConv::getBandTiles(int64_t panels, int64_t down) {
  constexpr int64_t kShares = 16;
  return llvm::divideCeil(down, llvm::divideCeil(kShares, panels));
}

/// Before the first block of inputs every sum is the bias; behind the last the
/// fused ops are applied to each.
void BlockConv::emitPoints(const Band &band, bool last) {
  BufferView view = step.result.view();
  Value end = k.min(k.mul(band.to, tile.rows), k.index(shape.outHeight));
  k.loop(k.mul(band.from, tile.rows), end, [&](Value row) {
    k.loop(shape.outWidth, [&](Value column) {
      SmallVector<Value> positions{band.image, band.channel, row, column,
                                   k.index(0)};
      Value base = k.add(k.dot(positions, view.strides), view.origin);
      ResultTile out(step, positions);
      for (int64_t b = 0; b < band.blocks; ++b) {
        int64_t offset = b * view.strides[1];
        if (last)
          out.finish(k.load(step.result.buffer, base, offset, lanes, element),
                     {0, b, 0, 0, 0});
        else
          k.store(getBias(band.channel, b, lanes), step.result.buffer, base,
                  offset);
      }
    });
  });
}

/// The products of `inputs` blocks of inputs, added to the sums of all tiles.
void BlockConv::addInputs(const Band &band, Value inputAt, Value weightAt,
                          Value inputs) {
  BufferView view = step.result.view();
  Value out = k.add(
      k.dot({band.image, band.channel}, ArrayRef(view.strides).take_front(2)),
      view.origin);
  Value full = k.index(shape.outHeight / tile.rows);
  int64_t pass = llvm::alignTo(tile.inputs, inputBlock) * shape.kernelHeight *
                 shape.kernelWidth;
  for (const Cut::Part &rowPart : Cut{shape.outHeight, tile.rows}.parts()) {
    bool isRest = rowPart.size < tile.rows;
    k.loop(isRest ? k.max(band.from, full) : band.from,
           isRest ? band.to : k.min(band.to, full), [&](Value r) {
             Value row = k.mul(r, tile.rows);
             Value input =
                 k.add(inputAt, k.mul(row, shape.strideY * rowStride()));
             Value outRow = k.add(out, k.mul(row, view.strides[2]));
             columnLoop([&](Value column, int64_t columns) {
               Value at =
                   k.add(input, k.mul(column, shape.strideX * columnStride()));
               addToTile({band.blocks, rowPart.size, columns, at, weightAt,
                          getAhead(band.blocks, pass, row, column), inputs},
                         k.add(outRow, k.mul(column, view.strides[3])));
             });
           });
  }
}

/// Adds products to sums that lie in the result from `out` on.
void BlockConv::addToTile(const PlacedTile &placed, Value out) {
  BufferView view = step.result.view();
  SmallVector<int64_t> offsets;
  SmallVector<Value> sums;
  for (int64_t b = 0; b < placed.blocks; ++b)
    for (int64_t y = 0; y < placed.rows; ++y)
      for (int64_t x = 0; x < placed.columns; ++x) {
        offsets.push_back(b * view.strides[1] + y * view.strides[2] +
                          x * view.strides[3]);
        sums.push_back(
            k.load(step.result.buffer, out, offsets.back(), lanes, element));
      }
  sums = accumulate(placed, std::move(sums));
  for (auto [sum, offset] : llvm::zip_equal(sums, offsets))
    k.store(sum, step.result.buffer, out, offset);
}

/// Weights of a line of the cache.
int64_t BlockConv::getLine() const {
  constexpr int64_t kLineBits = 512;
  return kLineBits / weight.element().getIntOrFloatBitWidth();
}

/// Lines of the weights of a group: one position of the window and one block of
/// inputs.
int64_t BlockConv::getGroupLines(int64_t panelBlocks) const {
  return llvm::divideCeil(inputBlock * panelBlocks * lanes, getLine());
}

/// How many lines of a group a tile prefetches, so that all tiles have them
/// all. None for a single tile, which reads straight on, and none where a group
/// is too short to hide it.
int64_t BlockConv::getLinesOfTile(int64_t panelBlocks) const {
  // Images of more tiles lost 1 to 2 % of their speed by prefetches.
  constexpr int64_t kMostTiles = 100;
  int64_t tiles = llvm::divideCeil(shape.outHeight, tile.rows) *
                  llvm::divideCeil(shape.outWidth, tile.columns);
  if (tiles == 1 || tiles > kMostTiles || inputBlock == 1)
    return 0;
  return llvm::divideCeil(getGroupLines(panelBlocks), tiles);
}

/// Every tile of a panel reads the same weights, and brings those that are read
/// next, `pass` products behind, some lines of every group. Without, the first
/// tile that needs them would wait for memory.
Value BlockConv::getAhead(int64_t panelBlocks, int64_t pass, Value row,
                          Value column) {
  if (getLinesOfTile(panelBlocks) == 0)
    return {};
  Value number = k.add(k.mul(k.div(row, tile.rows),
                             llvm::divideCeil(shape.outWidth, tile.columns)),
                       k.div(column, tile.columns));
  Value line = k.rem(k.mul(number, getLinesOfTile(panelBlocks)),
                     getGroupLines(panelBlocks));
  return k.add(k.mul(line, getLine()), pass * panelBlocks * lanes);
}

void BlockConv::prefetch(const PlacedTile &placed, Value weightAt) {
  for (int64_t l = 0; l < getLinesOfTile(placed.blocks); ++l)
    k.prefetch(weight.buffer,
               k.add(k.add(weightAt, placed.ahead), l * getLine()));
}

void BlockConv::emitTile(const PlacedTile &placed, ResultTile &out,
                         Value channel) {
  int64_t points = placed.rows * placed.columns;
  SmallVector<Value> sums;
  for (int64_t b = 0; b < placed.blocks; ++b)
    sums.append(points, getBias(channel, b, lanes));
  sums = accumulate(placed, sums);
  finishTile(out, sums, placed.blocks, placed.rows, placed.columns);
}

/// The reduction: input blocks, rows and columns of the window, lanes.
SmallVector<Value> BlockConv::accumulate(const PlacedTile &placed,
                                         SmallVector<Value> sums) {
  int64_t weightX = inputBlock * placed.blocks * lanes;
  int64_t weightY = weightX * shape.kernelWidth;
  int64_t weightI = weightY * shape.kernelHeight;
  // Lanes are unrolled four at a time. The window's columns are not: their
  // inputs overlap, and keeping them for the next column would cost registers.
  int64_t unroll = inputBlock > 1 ? 4 : 1;
  auto lanesLoop = [&](Value input, Value weight, ValueRange carried) {
    return k.loop(inputBlock / unroll, carried, [&](Value l, ValueRange inner) {
      return multiplyLanes(
          placed, k.add(input, k.mul(l, unroll)),
          k.add(weight, k.mul(l, unroll * placed.blocks * lanes)), unroll,
          inner);
    });
  };
  auto columnsLoop = [&](Value input, Value weight, ValueRange carried) {
    auto at = [&](Value x, ValueRange inner) {
      Value group = k.add(weight, k.mul(x, weightX));
      prefetch(placed, group);
      return lanesLoop(k.add(input, k.mul(x, shape.dilationX * columnStride())),
                       group, inner);
    };
    return k.loop(shape.kernelWidth, carried, at);
  };
  auto blockLoop = [&](Value i, ValueRange carried) {
    Value input = k.add(placed.input, k.mul(i, in.strides[1]));
    Value weight = k.add(placed.weight, k.mul(i, weightI));
    return k.loop(shape.kernelHeight, carried, [&](Value y, ValueRange inner) {
      return columnsLoop(k.add(input, k.mul(y, shape.dilationY * rowStride())),
                         k.add(weight, k.mul(y, weightY)), inner);
    });
  };
  if (placed.inputs)
    return k.loop(k.index(0), placed.inputs, sums, blockLoop);
  return k.loop(inputBlocks(), sums, blockLoop);
}

/// `count` input channels, side by side in memory, times all of the placed.
SmallVector<Value> BlockConv::multiplyLanes(const PlacedTile &placed,
                                            Value inputAt, Value weightAt,
                                            int64_t count, ValueRange carried) {
  SmallVector<Value> sums(carried), wide;
  int64_t points = placed.rows * placed.columns;
  auto offset = [&](int64_t p) {
    return p / placed.columns * shape.strideY * rowStride() +
           p % placed.columns * shape.strideX * columnStride();
  };
  bool byLane = step.schedule.getScalars() == Scalars::Lane && count > 1;
  if (byLane)
    for (int64_t p = 0; p < points; ++p)
      wide.push_back(k.load(input.buffer, inputAt, offset(p), count, element));
  for (int64_t l = 0; l < count; ++l) {
    SmallVector<Value> weights;
    for (int64_t b = 0; b < placed.blocks; ++b)
      weights.push_back(k.load(weight.buffer, weightAt,
                               (l * placed.blocks + b) * lanes, lanes,
                               element));
    for (int64_t p = 0; p < points; ++p) {
      Value scalar =
          byLane ? k.extract(wide[p], l)
                 : k.load(input.buffer, inputAt, offset(p) + l, 1, element);
      Value factor = k.splat(scalar, lanes);
      for (int64_t b = 0; b < placed.blocks; ++b) {
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

  ArrayRef<Loop> getLoops() const override { return kConvLoops; }

  WeightsAttr getWeights(func::FuncOp step, const Tile &tile, int64_t,
                         Dots) const override {
    auto conv = cast<Conv2DOp>(getRoot(step));
    return WeightsAttr::get(step.getContext(), tile.channels, getBlock(step),
                            getOperand(step, conv.getInput()).layout.block,
                            /*together=*/1, /*winograd=*/0, /*offset=*/0);
  }

  std::pair<Tile, Tile> getTileRange(func::FuncOp step,
                                     int64_t) const override {
    ConvShape shape(cast<Conv2DOp>(getRoot(step)));
    int64_t block = getBlock(step);
    int64_t channels = llvm::alignTo(shape.outputs, block);
    int64_t inputs = keepsSums(step) ? shape.inputs : 1;
    return {{block}, {channels, shape.outHeight, shape.outWidth, inputs}};
  }

  void emit(StepEmitter &step) const override { BlockConv(step).emit(); }

private:
  static int64_t getBlock(func::FuncOp step) {
    return getResult(step).layout.block;
  }
  /// Whether sums can wait in the result: it has their type.
  static bool keepsSums(func::FuncOp step) {
    return getResult(step).type.getElementType() ==
           getElementTypeOrSelf(getRoot(step)->getResult(0));
  }
};

/// Outer products of blocks by points that fill the registers.
SmallVector<Candidate>
BlockConvKernel::getCandidates(func::FuncOp step, MachineAttr machine) const {
  ConvWork work(step, machine);
  SmallVector<int64_t> inputs{1};
  if (keepsSums(step))
    inputs = work.getInputsAtATime();
  SmallVector<Candidate> candidates;
  int64_t lanes = getBlock(step);
  const ConvShape &shape = work.shape;
  int64_t blocks = llvm::divideCeil(shape.outputs, lanes);
  for (int64_t b = 1; b <= std::min<int64_t>(blocks, 4); ++b)
    for (int64_t r = 1; r <= std::min<int64_t>(shape.outHeight, 4); ++r)
      for (int64_t c = 1; c <= std::min<int64_t>(shape.outWidth, 28); ++c)
        if (fitsRegisters(b, r * c, machine.getScalars(), machine))
          for (int64_t some : inputs) {
            Tile tile{b * lanes, r, c, some};
            candidates.push_back({tile, work.getTiles(tile)});
          }
  return candidates;
}

} // namespace

std::unique_ptr<Kernel> mlir::lcp::cpu::createBlockConv() {
  return std::make_unique<BlockConvKernel>();
}
