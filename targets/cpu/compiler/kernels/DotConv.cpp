//===- DotConv.cpp - Convolution of bytes, four products at a time --------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Like BlockConv, but a sum takes the products of four channels at once. Sums
// are exact, so their order is of no matter.
//
//===----------------------------------------------------------------------===//

#include "targets/cpu/compiler/dialect/OpTraits.h"
#include "targets/cpu/compiler/kernels/ConvEmitter.h"
#include "targets/cpu/compiler/kernels/ConvWork.h"
#include "targets/cpu/compiler/kernels/DotProducts.h"
#include "targets/cpu/compiler/kernels/KernelRegistry.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::lcp;
using namespace mlir::lcp::cpu;

namespace {

/// A tile is whole blocks of outputs; what follows counts in blocks.
struct DotConv : ConvEmitter {
  int64_t inputBlock, lanes, blocks;
  int64_t offset = step.schedule.getWeights().getOffset();
  DotProducts dots;

  explicit DotConv(StepEmitter &step)
      : ConvEmitter(step), inputBlock(input.tensor.layout.block),
        lanes(step.result.tensor.layout.block),
        blocks(llvm::divideCeil(shape.outputs, lanes)),
        dots(k, step.schedule.getDots(), conv->hasAttr(kNonNegativeAttr),
             lanes) {}

  /// A tile, and where the first of its inputs and weights are.
  struct PlacedTile {
    int64_t blocks, rows, columns;
    Value input, weight;
  };

  void emit();
  void emitPart(const Cut::Part &blockPart, const Cut::Part &rowPart);
  void emitTile(const PlacedTile &placed, ResultTile &out, Value channel);
  Value getStart(const PlacedTile &placed, Value channel, int64_t block);
  SmallVector<Value> accumulate(const PlacedTile &placed,
                                SmallVector<Value> sums);
  SmallVector<Value> addQuads(const PlacedTile &placed, Value inputAt,
                              Value weightAt, ValueRange carried);
  SmallVector<SmallVector<Value>> loadRow(const PlacedTile &placed,
                                          Value inputAt, int64_t offset);
};

void DotConv::emit() {
  for (const Cut::Part &blockPart : Cut{blocks, tile.channels / lanes}.parts())
    for (const Cut::Part &rowPart : Cut{shape.outHeight, tile.rows}.parts())
      emitPart(blockPart, rowPart);
}

/// All tiles of one height and number of blocks.
void DotConv::emitPart(const Cut::Part &blockPart, const Cut::Part &rowPart) {
  int64_t groupStride = shape.inputs / inputBlock * in.strides[1];
  int64_t column = shape.getReduction(inputBlock) + (offset ? 4 : 0);
  step.tileLoop(
      {shape.images, shape.groups, blockPart.count, rowPart.count},
      [&](ArrayRef<Value> at) {
        Value channel = k.add(k.mul(at[1], blocks), getFirst(blockPart, at[2]));
        Value row = getFirst(rowPart, at[3]);
        Value weights = k.mul(channel, column * lanes);
        Value inputRow = getInputRow(at[0], at[1], groupStride, row);
        columnLoop([&](Value x, int64_t columns) {
          PlacedTile placed{
              blockPart.size, rowPart.size, columns,
              k.add(inputRow, k.mul(x, shape.strideX * columnStride())),
              weights};
          ResultTile out(step, {at[0], channel, row, x, k.index(0)});
          emitTile(placed, out, channel);
        });
      });
}

/// What a sum begins with.
Value DotConv::getStart(const PlacedTile &placed, Value channel,
                        int64_t block) {
  Value start = getBias(channel, block, lanes);
  if (!offset)
    return start;
  int64_t behind = shape.getReduction(inputBlock) * placed.blocks * lanes;
  return k.plus(start, dots.loadWords(weight.buffer, placed.weight,
                                      behind + block * lanes * 4));
}

void DotConv::emitTile(const PlacedTile &placed, ResultTile &out,
                       Value channel) {
  int64_t points = placed.rows * placed.columns;
  SmallVector<Value> sums;
  for (int64_t b = 0; b < placed.blocks; ++b)
    sums.append(points, getStart(placed, channel, b));
  sums = accumulate(placed, sums);
  finishTile(out, sums, placed.blocks, placed.rows, placed.columns);
}

/// The reduction: input blocks, rows and columns of the window, quads.
SmallVector<Value> DotConv::accumulate(const PlacedTile &placed,
                                       SmallVector<Value> sums) {
  int64_t weightX = inputBlock * placed.blocks * lanes;
  int64_t weightY = weightX * shape.kernelWidth;
  int64_t weightI = weightY * shape.kernelHeight;
  return k.loop(
      llvm::divideCeil(shape.inputs, inputBlock), sums,
      [&](Value i, ValueRange outer) {
        Value input = k.add(placed.input, k.mul(i, in.strides[1]));
        Value weights = k.add(placed.weight, k.mul(i, weightI));
        return k.loop(shape.kernelHeight, outer, [&](Value y, ValueRange rows) {
          Value inputRow =
              k.add(input, k.mul(y, shape.dilationY * rowStride()));
          Value weightRow = k.add(weights, k.mul(y, weightY));
          return k.loop(
              shape.kernelWidth, rows, [&](Value x, ValueRange columns) {
                return addQuads(
                    placed,
                    k.add(inputRow, k.mul(x, shape.dilationX * columnStride())),
                    k.add(weightRow, k.mul(x, weightX)), columns);
              });
        });
      });
}

/// A block of input channels, side by side in memory, times all of the placed.
SmallVector<Value> DotConv::addQuads(const PlacedTile &placed, Value inputAt,
                                     Value weightAt, ValueRange carried) {
  SmallVector<Value> sums(carried);
  int64_t panel = placed.blocks * lanes;
  int64_t points = placed.rows * placed.columns;
  int64_t together = step.schedule.getWeights().getTogether();
  for (int64_t q = 0; q < inputBlock; q += kQuad) {
    SmallVector<SmallVector<Value>> weights;
    for (int64_t b = 0; b < placed.blocks; ++b)
      weights.push_back(dots.loadWeights(
          weight.buffer, weightAt, q * panel + b * lanes * together, panel));
    for (int64_t y = 0; y < placed.rows; ++y) {
      int64_t rowAt = y * shape.strideY * rowStride() + q;
      auto inputs = loadRow(placed, inputAt, rowAt);
      for (int64_t x = 0; x < placed.columns; ++x)
        for (int64_t b = 0; b < placed.blocks; ++b) {
          Value &sum = sums[b * points + y * placed.columns + x];
          sum = dots.add(inputs[x], weights[b], sum);
        }
    }
  }
  return sums;
}

/// A quad of each point in a row of the tile. Neighbours are loaded together
/// where their quads lie side by side and instructions take them from lanes.
SmallVector<SmallVector<Value>> DotConv::loadRow(const PlacedTile &placed,
                                                 Value inputAt, int64_t rowAt) {
  int64_t stride = shape.strideX * columnStride();
  bool byLane = step.schedule.getScalars() == Scalars::Lane && stride == kQuad;
  SmallVector<SmallVector<Value>> inputs;
  for (int64_t x = 0; x < placed.columns;) {
    if (byLane && x + 4 <= placed.columns) {
      llvm::append_range(inputs, dots.loadFourInputs(input.buffer, inputAt,
                                                     rowAt + x * stride));
      x += 4;
    } else {
      inputs.push_back(
          dots.loadInputs(input.buffer, inputAt, rowAt + x * stride));
      ++x;
    }
  }
  return inputs;
}

class DotConvKernel : public Kernel {
public:
  StringRef getName() const override { return "dot_conv"; }

  bool appliesTo(func::FuncOp step) const override {
    auto conv = dyn_cast<Conv2DOp>(getRoot(step));
    return conv && !isDepthwise(conv) && getBlock(step) > 1 &&
           getTensorType(conv.getInput()).getElementType().isInteger(8) &&
           getInput(step).layout.block % kQuad == 0;
  }

  Scalars getScalars(Scalars offered) const override { return offered; }
  Dots getDots(Dots offered) const override { return offered; }

  SmallVector<Candidate> getCandidates(func::FuncOp step,
                                       MachineAttr machine) const override;

  ArrayRef<Loop> getLoops() const override { return kConvLoops; }

  WeightsAttr getWeights(func::FuncOp step, const Tile &tile, int64_t,
                         Dots dots) const override {
    if (dots == Dots::None)
      return {};
    bool nonNegative = getRoot(step)->hasAttr(kNonNegativeAttr);
    return WeightsAttr::get(step.getContext(), tile.channels, getBlock(step),
                            getInput(step).layout.block, getTogether(dots),
                            /*winograd=*/0, getOffset(dots, nonNegative));
  }

  std::pair<Tile, Tile> getTileRange(func::FuncOp step,
                                     int64_t) const override {
    ConvShape shape(cast<Conv2DOp>(getRoot(step)));
    int64_t block = getBlock(step);
    int64_t channels = llvm::alignTo(shape.outputs, block);
    return {{block}, {channels, shape.outHeight, shape.outWidth}};
  }

  void emit(StepEmitter &step) const override { DotConv(step).emit(); }

private:
  static int64_t getBlock(func::FuncOp step) {
    return getResult(step).layout.block;
  }
  static TensorLayout getInput(func::FuncOp step) {
    return getOperand(step, cast<Conv2DOp>(getRoot(step)).getInput());
  }
};

/// What a quad and a vector cost: instructions among those that `fmas` counts,
/// and registers beside the sums and the weights.
struct Needs {
  double instructions;
  int64_t registers;
};

Needs getNeeds(Dots dots, bool nonNegative, int64_t blocks, int64_t columns) {
  switch (dots) {
  case Dots::PMAdd: // input, products, ones; and the input without its sign
    return {2, nonNegative ? 3 : 4};
  case Dots::DPBUSD: // inputs, which LLVM loads ahead; and the offset
    return {1, nonNegative ? 4 : 6};
  case Dots::SMLAL: // a second pair of weights, inputs, two pairs, products
    return {2.5, blocks + int64_t(llvm::divideCeil(columns, 4)) + 3};
  case Dots::SDot:
    return {1, int64_t(llvm::divideCeil(columns, 4))};
  case Dots::None:
    break;
  }
  return {};
}

SmallVector<Candidate> DotConvKernel::getCandidates(func::FuncOp step,
                                                    MachineAttr machine) const {
  SmallVector<Candidate> candidates;
  Dots dots = machine.getDots();
  if (dots == Dots::None)
    return candidates;
  bool nonNegative = getRoot(step)->hasAttr(kNonNegativeAttr);
  ConvWork work(step, machine);
  const ConvShape &shape = work.shape;
  int64_t blocks = llvm::divideCeil(shape.outputs, work.lanes);
  for (int64_t b = 1; b <= std::min<int64_t>(blocks, 4); ++b)
    for (int64_t r = 1; r <= std::min<int64_t>(shape.outHeight, 4); ++r)
      for (int64_t c = 1; c <= std::min<int64_t>(shape.outWidth, 28); ++c) {
        Needs needs = getNeeds(dots, nonNegative, b, c);
        if (b * r * c + b + needs.registers > machine.getRegisters())
          continue;
        Tile tile{b * work.lanes, r, c};
        SmallVector<TileWork, 4> tiles = work.getTiles(tile);
        for (TileWork &some : tiles) {
          some.reduction /= kQuad;
          some.passBytes /= 4; // of f32
          some.instructions = needs.instructions;
        }
        candidates.push_back({tile, std::move(tiles)});
      }
  return candidates;
}

} // namespace

std::unique_ptr<Kernel> mlir::lcp::cpu::createDotConv() {
  return std::make_unique<DotConvKernel>();
}
