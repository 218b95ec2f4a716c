//===- RowConv.cpp - Convolution, columns of the image in vectors ---------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// For few channels: input and result are plain images, and a vector holds
// neighbouring columns of one channel. Any grouping, depthwise included.
//
//===----------------------------------------------------------------------===//

#include "targets/cpu/compiler/kernels/ConvShape.h"
#include "targets/cpu/compiler/kernels/Kernels.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::lcp;
using namespace mlir::lcp::cpu;

namespace {

/// Elements of the vectors; fewer than the machine's for a narrow image.
int64_t getVector(const ConvShape &shape, int64_t lanes) {
  return std::min<int64_t>(lanes, llvm::bit_floor<uint64_t>(shape.outWidth));
}

struct RowConv {
  StepKernel &step;
  KernelBuilder &k;
  Conv2DOp conv;
  ConvShape shape;
  BufferedTensor input, weight;
  BufferView in;
  Tile tile;
  /// Elements of a vector, and vectors side by side in a tile.
  int64_t lanes, vectors;
  Type element;

  explicit RowConv(StepKernel &step)
      : step(step), k(step.k), conv(cast<Conv2DOp>(step.root)), shape(conv),
        input(step.operand(conv.getInput())),
        weight(step.operand(conv.getWeight())), in(input.view()),
        tile(toTile(step.schedule.getTile())),
        lanes(getVector(shape, k.lanes())), vectors(tile.columns / lanes),
        element(step.accumulator()) {}

  int64_t taps() const { return shape.kernelHeight * shape.kernelWidth; }
  int64_t rowStride() const { return in.strides[2]; }

  void emit();
  void emitPart(Cut channelCut, bool lastChannels, Cut rowCut, bool lastRows);
  void emitTile(int64_t channels, int64_t rows, Value inputAt, Value weightAt,
                Value channel, ResultTile &out);
  SmallVector<Value> multiply(int64_t channels, int64_t rows, Value inputAt,
                              Value weightAt, ValueRange carried);
};

void RowConv::emit() {
  Cut channelCut{shape.outputs, tile.channels};
  Cut rowCut{shape.outHeight, tile.rows};
  for (bool lastChannels : {false, true})
    for (bool lastRows : {false, true})
      if ((lastChannels ? channelCut.rest() : channelCut.full()) &&
          (lastRows ? rowCut.rest() : rowCut.full()))
        emitPart(channelCut, lastChannels, rowCut, lastRows);
}

void RowConv::emitPart(Cut channelCut, bool lastChannels, Cut rowCut,
                       bool lastRows) {
  int64_t channels = lastChannels ? channelCut.rest() : channelCut.tile;
  int64_t rows = lastRows ? rowCut.rest() : rowCut.tile;
  int64_t channelTiles = lastChannels ? 1 : channelCut.full();
  int64_t rowTiles = lastRows ? 1 : rowCut.full();
  int64_t firstChannel = lastChannels ? channelCut.full() * channelCut.tile : 0;
  int64_t firstRow = lastRows ? rowCut.full() * rowCut.tile : 0;
  int64_t across = tile.columns;
  int64_t columnTiles = llvm::divideCeil(shape.outWidth, across);
  step.tileLoop({shape.images, shape.groups, channelTiles, rowTiles},
                [&](ArrayRef<Value> at) {
                  Value channel = k.add(
                      k.dot({at[1], at[2]}, {shape.outputs, channelCut.tile}),
                      firstChannel);
                  Value row = k.add(k.mul(at[3], rowCut.tile), firstRow);
                  Value weightAt = k.mul(channel, shape.inputs * taps());
                  Value inputRow = k.add(
                      k.dot({at[0], at[1], row},
                            {in.strides[0], shape.inputs * in.strides[1],
                             shape.strideY * rowStride()}),
                      in.origin - shape.padTop * rowStride() - shape.padLeft);
                  k.loop(columnTiles, [&](Value i) {
                    Value column = k.mul(i, across);
                    if (shape.outWidth % across != 0)
                      column = k.min(column, k.index(shape.outWidth - across));
                    ResultTile out(step, {at[0], channel, row, column});
                    emitTile(channels, rows,
                             k.add(inputRow, k.mul(column, shape.strideX)),
                             weightAt, channel, out);
                  });
                });
}

void RowConv::emitTile(int64_t channels, int64_t rows, Value inputAt,
                       Value weightAt, Value channel, ResultTile &out) {
  int64_t points = rows * vectors;
  SmallVector<Value> sums;
  for (int64_t c = 0; c < channels; ++c) {
    Value start = k.zero(element, lanes);
    if (conv.getBias())
      start = k.splat(
          k.load(step.operand(conv.getBias()).buffer, channel, c, 1, element),
          lanes);
    sums.append(points, start);
  }
  int64_t stepY = shape.kernelWidth * channels;
  int64_t stepI = stepY * shape.kernelHeight;
  sums = k.loop(shape.inputs, sums, [&](Value i, ValueRange carried) {
    Value input = k.add(inputAt, k.mul(i, in.strides[1]));
    Value weight = k.add(weightAt, k.mul(i, stepI));
    return k.loop(shape.kernelHeight, carried, [&](Value y, ValueRange inner) {
      Value inputRow = k.add(input, k.mul(y, shape.dilationY * rowStride()));
      Value weightRow = k.add(weight, k.mul(y, stepY));
      return multiply(channels, rows, inputRow, weightRow, inner);
    });
  });
  for (int64_t c = 0; c < channels; ++c)
    for (int64_t y = 0; y < rows; ++y)
      for (int64_t v = 0; v < vectors; ++v)
        out.finish(sums[c * points + y * vectors + v], {0, c, y, v * lanes});
}

/// One row of the kernel over the tile; short rows are unrolled.
SmallVector<Value> RowConv::multiply(int64_t channels, int64_t rows,
                                     Value inputAt, Value weightAt,
                                     ValueRange carried) {
  int64_t points = rows * vectors;
  auto column = [&](Value x, ValueRange inner) {
    SmallVector<Value> sums(inner), pixels;
    Value from = k.add(inputAt, k.mul(x, shape.dilationX));
    for (int64_t y = 0; y < rows; ++y)
      for (int64_t v = 0; v < vectors; ++v)
        pixels.push_back(k.loadStrided(input.buffer, from,
                                       y * shape.strideY * rowStride() +
                                           v * lanes * shape.strideX,
                                       lanes, shape.strideX, element));
    Value weights = k.add(weightAt, k.mul(x, channels));
    for (int64_t c = 0; c < channels; ++c) {
      Value factor =
          k.splat(k.load(weight.buffer, weights, c, 1, element), lanes);
      for (int64_t p = 0; p < points; ++p) {
        Value &sum = sums[c * points + p];
        sum = k.multiplyAdd(factor, pixels[p], sum);
      }
    }
    return sums;
  };
  if (shape.kernelWidth > 7)
    return k.loop(shape.kernelWidth, carried, column);
  SmallVector<Value> sums(carried);
  for (int64_t x = 0; x < shape.kernelWidth; ++x)
    sums = column(k.index(x), sums);
  return sums;
}

class RowConvKernel : public Kernel {
public:
  StringRef getName() const override { return "row_conv"; }

  bool appliesTo(func::FuncOp step) const override {
    return isa<Conv2DOp>(getRoot(step)) && getResult(step).layout.block == 1;
  }

  SmallVector<Candidate> getCandidates(func::FuncOp step,
                                       MachineAttr machine) const override;

  ArrayRef<Loop> getLoops() const override {
    static constexpr Loop loops[] = {Loop::Image, Loop::Group, Loop::Channel,
                                     Loop::Row};
    return loops;
  }

  WeightsAttr getWeights(func::FuncOp step, const Tile &tile,
                         int64_t) const override {
    return WeightsAttr::get(step.getContext(), tile.channels, /*multiple=*/1,
                            /*inputs=*/1);
  }

  /// The last tile of a row ends where the row does, so none is wider.
  std::pair<Tile, Tile> getTileRange(func::FuncOp step,
                                     int64_t lanes) const override {
    ConvShape shape(cast<Conv2DOp>(getRoot(step)));
    int64_t vector = getVector(shape, lanes);
    return {{1, 1, vector},
            {shape.outputs, shape.outHeight, shape.outWidth / vector * vector}};
  }

  void emit(StepKernel &step) const override { RowConv(step).emit(); }
};

/// Outer products of channels by vectors of columns that fill the registers.
SmallVector<Candidate> RowConvKernel::getCandidates(func::FuncOp step,
                                                    MachineAttr machine) const {
  ConvShape shape(cast<Conv2DOp>(getRoot(step)));
  int64_t lanes = getVector(shape, machine.getLanes());
  int64_t across = llvm::divideCeil(shape.outWidth, lanes);
  int64_t mostVectors = std::min<int64_t>(shape.outWidth / lanes, 6);
  SmallVector<Candidate> candidates;
  for (int64_t o = 1; o <= std::min<int64_t>(shape.outputs, 8); ++o)
    for (int64_t r = 1; r <= std::min<int64_t>(shape.outHeight, 4); ++r)
      for (int64_t v = 1; v <= mostVectors; ++v) {
        if (!fitsRegisters(r * v, o, Scalars::Memory, machine))
          continue;
        Candidate &candidate = candidates.emplace_back();
        candidate.tile = {o, r, v * lanes};
        int64_t columnTiles = llvm::divideCeil(across, v);
        for (auto [channels, channelTiles] : Cut{shape.outputs, o}.tiles())
          for (auto [rows, rowTiles] : Cut{shape.outHeight, r}.tiles())
            candidate.work.push_back(
                {channelTiles * rowTiles * columnTiles, rows * v, channels});
      }
  return candidates;
}

} // namespace

std::unique_ptr<Kernel> mlir::lcp::cpu::createRowConv() {
  return std::make_unique<RowConvKernel>();
}
