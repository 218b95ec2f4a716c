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

#include "targets/cpu/compiler/kernels/ConvEmitter.h"
#include "targets/cpu/compiler/kernels/KernelRegistry.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::lcp;
using namespace mlir::lcp::cpu;

namespace {

/// Elements of the vectors; fewer than the machine's for a narrow image.
int64_t getVector(const ConvShape &shape, int64_t lanes) {
  return std::min<int64_t>(lanes, llvm::bit_floor<uint64_t>(shape.outWidth));
}

struct RowConv : ConvEmitter {
  /// Elements of a vector, and vectors side by side in a tile.
  int64_t lanes, vectors;

  explicit RowConv(StepEmitter &step)
      : ConvEmitter(step), lanes(getVector(shape, k.lanes())),
        vectors(tile.columns / lanes) {}

  void emit();
  void emitPart(const Cut::Part &channelPart, const Cut::Part &rowPart);
  void emitTile(int64_t channels, int64_t rows, Value inputAt, Value weightAt,
                Value channel, ResultTile &out);
  SmallVector<Value> multiply(int64_t channels, int64_t rows, Value inputAt,
                              Value weightAt, ValueRange carried);
  SmallVector<Value> loadPixels(int64_t rows, Value from);
  SmallVector<int64_t> everySecond() const;
  Value inOrder(Value sum);

  bool skipsColumns() const {
    return shape.strideX == 2 && lanes % kSegment == 0;
  }
  /// Lanes that shuffles of x86 are cheap within; all of a vector on arm64.
  static constexpr int64_t kSegment = 4;
};

void RowConv::emit() {
  for (const Cut::Part &channelPart : Cut{shape.outputs, tile.channels}.parts())
    for (const Cut::Part &rowPart : Cut{shape.outHeight, tile.rows}.parts())
      emitPart(channelPart, rowPart);
}

/// All tiles of one height and number of channels.
void RowConv::emitPart(const Cut::Part &channelPart, const Cut::Part &rowPart) {
  int64_t across = tile.columns;
  step.tileLoop(
      {shape.images, shape.groups, channelPart.count, rowPart.count},
      [&](ArrayRef<Value> at) {
        Value channel =
            k.add(k.mul(at[1], shape.outputs), getFirst(channelPart, at[2]));
        Value row = getFirst(rowPart, at[3]);
        Value weightAt = k.mul(channel, shape.getReduction(1));
        Value inputRow =
            getInputRow(at[0], at[1], shape.inputs * in.strides[1], row);
        k.loop(llvm::divideCeil(shape.outWidth, across), [&](Value i) {
          Value column = k.mul(i, across);
          if (shape.outWidth % across != 0)
            column = k.min(column, k.index(shape.outWidth - across));
          ResultTile out(step, {at[0], channel, row, column});
          emitTile(channelPart.size, rowPart.size,
                   k.add(inputRow, k.mul(column, shape.strideX)), weightAt,
                   channel, out);
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
  int64_t weightI = shape.kernelHeight * shape.kernelWidth * channels;
  sums = k.loop(shape.inputs, sums, [&](Value i, ValueRange carried) {
    return multiply(channels, rows, k.add(inputAt, k.mul(i, in.strides[1])),
                    k.add(weightAt, k.mul(i, weightI)), carried);
  });
  for (int64_t c = 0; c < channels; ++c)
    for (int64_t y = 0; y < rows; ++y)
      for (int64_t v = 0; v < vectors; ++v)
        out.finish(inOrder(sums[c * points + y * vectors + v]),
                   {0, c, y, v * lanes});
}

/// One input's window, for all of the tile.
SmallVector<Value> RowConv::multiply(int64_t channels, int64_t rows,
                                     Value inputAt, Value weightAt,
                                     ValueRange carried) {
  int64_t points = rows * vectors;
  auto tap = [&](Value y, Value x, ValueRange inner) {
    SmallVector<Value> sums(inner);
    Value from =
        k.add(inputAt,
              k.dot({y, x}, {shape.dilationY * rowStride(), shape.dilationX}));
    SmallVector<Value> pixels = loadPixels(rows, from);
    Value weights = k.add(
        weightAt, k.dot({y, x}, {shape.kernelWidth * channels, channels}));
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
  return overWindow(carried, /*unrollRows=*/channels == 1, tap);
}

/// The tile's vectors of columns, from `from` on; in the order of everySecond
/// where columns are skipped.
SmallVector<Value> RowConv::loadPixels(int64_t rows, Value from) {
  SmallVector<Value> pixels;
  for (int64_t y = 0; y < rows; ++y)
    for (int64_t v = 0; v < vectors; ++v) {
      int64_t offset =
          y * shape.strideY * rowStride() + v * lanes * shape.strideX;
      if (skipsColumns()) {
        Value wide = k.load(input.buffer, from, offset, 2 * lanes, element);
        pixels.push_back(k.shuffle(wide, wide, everySecond()));
      } else {
        pixels.push_back(k.loadStrided(input.buffer, from, offset, lanes,
                                       shape.strideX, element));
      }
    }
  return pixels;
}

/// Every second of two vectors' elements, each segment from both vectors: one
/// shuffle where the order of the columns would take two.
SmallVector<int64_t> RowConv::everySecond() const {
  SmallVector<int64_t> pick;
  for (int64_t segment = 0; segment < lanes; segment += kSegment)
    for (int64_t from : {segment, segment + lanes})
      for (int64_t i = 0; i < kSegment; i += 2)
        pick.push_back(from + i);
  return pick;
}

/// The columns of a sum in the order of the image.
Value RowConv::inOrder(Value sum) {
  if (!skipsColumns() || lanes == kSegment)
    return sum;
  SmallVector<int64_t> order(lanes);
  for (auto [lane, column] : llvm::enumerate(everySecond()))
    order[column / 2] = lane;
  return k.shuffle(sum, sum, order);
}

class RowConvKernel : public Kernel {
public:
  StringRef getName() const override { return "row_conv"; }

  bool appliesTo(func::FuncOp step) const override {
    return isa<Conv2DOp>(getRoot(step)) && getResult(step).layout.block == 1;
  }

  SmallVector<Candidate> getCandidates(func::FuncOp step,
                                       MachineAttr machine) const override;

  ArrayRef<Loop> getLoops() const override { return kConvLoops; }

  WeightsAttr getWeights(func::FuncOp step, const Tile &tile, int64_t,
                         Dots) const override {
    return WeightsAttr::get(step.getContext(), tile.channels, /*multiple=*/1,
                            /*inputs=*/1, /*together=*/1, /*winograd=*/0,
                            /*offset=*/0);
  }

  /// The last tile of a row ends where the row does, so none is wider.
  std::pair<Tile, Tile> getTileRange(func::FuncOp step,
                                     int64_t lanes) const override {
    ConvShape shape(cast<Conv2DOp>(getRoot(step)));
    int64_t vector = getVector(shape, lanes);
    return {{1, 1, vector},
            {shape.outputs, shape.outHeight, shape.outWidth / vector * vector}};
  }

  void emit(StepEmitter &step) const override { RowConv(step).emit(); }
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
        for (const Cut::Part &channels : Cut{shape.outputs, o}.parts())
          for (const Cut::Part &rows : Cut{shape.outHeight, r}.parts())
            candidate.work.push_back({channels.count * rows.count * columnTiles,
                                      shape.getReduction(1), rows.size * v,
                                      channels.size});
      }
  return candidates;
}

} // namespace

std::unique_ptr<Kernel> mlir::lcp::cpu::createRowConv() {
  return std::make_unique<RowConvKernel>();
}
