//===- RowConvKernel.cpp - Convolution, columns of the image in vectors ---===//
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

#include "targets/cpu/compiler/schedule/Schedule.h"
#include "targets/cpu/compiler/kernels/StepKernel.h"

using namespace mlir;
using namespace mlir::lcp;
using namespace mlir::lcp::cpu;

namespace {

/// Weights are packed as [group][tile of channels][input][ky][kx][channel].
struct RowConv {
  StepKernel &step;
  KernelBuilder &k;
  Conv2DOp conv;
  ConvShape shape;
  BufferedTensor input, weight;
  BufferView in;
  RowTile tile;
  Type element;

  explicit RowConv(StepKernel &step)
      : step(step), k(step.k), conv(cast<Conv2DOp>(step.root)), shape(conv),
        input(step.operand(conv.getInput())),
        weight(step.operand(conv.getWeight())), in(input.view()),
        tile(chooseRowTile(shape, k.unit())), element(step.accumulator()) {}

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
  int64_t across = tile.vectors * tile.lanes;
  int64_t columnTiles = llvm::divideCeil(shape.outWidth, across);
  int64_t total = shape.images * shape.groups * channelTiles * rowTiles;
  k.parallelLoop(total, [&](Value t) {
    auto at =
        k.delinearize(t, {shape.images, shape.groups, channelTiles, rowTiles});
    Value channel = k.add(
        k.dot({at[1], at[2]}, {shape.outputs, channelCut.tile}), firstChannel);
    Value row = k.add(k.mul(at[3], rowCut.tile), firstRow);
    Value weightAt = k.mul(channel, shape.inputs * taps());
    Value inputRow = k.add(
        k.dot({at[0], at[1], row}, {in.strides[0], shape.inputs * in.strides[1],
                                    shape.strideY * rowStride()}),
        in.origin - shape.padTop * rowStride() - shape.padLeft);
    k.loop(columnTiles, [&](Value i) {
      Value column = k.mul(i, across);
      if (shape.outWidth % across != 0)
        column = k.min(column, k.index(shape.outWidth - across));
      ResultTile out(step, {at[0], channel, row, column});
      emitTile(channels, rows, k.add(inputRow, k.mul(column, shape.strideX)),
               weightAt, channel, out);
    });
  });
}

void RowConv::emitTile(int64_t channels, int64_t rows, Value inputAt,
                       Value weightAt, Value channel, ResultTile &out) {
  int64_t points = rows * tile.vectors;
  SmallVector<Value> sums;
  for (int64_t c = 0; c < channels; ++c) {
    Value start = k.zero(element, tile.lanes);
    if (conv.getBias())
      start = k.splat(
          k.load(step.operand(conv.getBias()).buffer, channel, c, 1, element),
          tile.lanes);
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
      for (int64_t v = 0; v < tile.vectors; ++v)
        out.finish(sums[c * points + y * tile.vectors + v],
                   {0, c, y, v * tile.lanes});
}

/// One row of the kernel over the tile; short rows are unrolled.
SmallVector<Value> RowConv::multiply(int64_t channels, int64_t rows,
                                     Value inputAt, Value weightAt,
                                     ValueRange carried) {
  int64_t points = rows * tile.vectors;
  auto column = [&](Value x, ValueRange inner) {
    SmallVector<Value> sums(inner), pixels;
    Value from = k.add(inputAt, k.mul(x, shape.dilationX));
    for (int64_t y = 0; y < rows; ++y)
      for (int64_t v = 0; v < tile.vectors; ++v)
        pixels.push_back(k.loadStrided(input.buffer, from,
                                       y * shape.strideY * rowStride() +
                                           v * tile.lanes * shape.strideX,
                                       tile.lanes, shape.strideX, element));
    Value weights = k.add(weightAt, k.mul(x, channels));
    for (int64_t c = 0; c < channels; ++c) {
      Value factor =
          k.splat(k.load(weight.buffer, weights, c, 1, element), tile.lanes);
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

} // namespace

void mlir::lcp::cpu::emitRowConv(StepKernel &step) { RowConv(step).emit(); }
