//===- DepthwiseConv.cpp - Depthwise convolution, channels in vectors -----===//
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

struct DepthwiseConv {
  StepKernel &step;
  KernelBuilder &k;
  Conv2DOp conv;
  ConvShape shape;
  BufferedTensor input, weight;
  BufferView in;
  int64_t lanes;
  Type element;

  explicit DepthwiseConv(StepKernel &step)
      : step(step), k(step.k), conv(cast<Conv2DOp>(step.root)), shape(conv),
        input(step.operand(conv.getInput())),
        weight(step.operand(conv.getWeight())), in(input.view()),
        lanes(step.result.tensor.layout.block), element(step.accumulator()) {}

  void emit();
  void emitRows(Cut rowCut, bool last, int64_t columns);
  void emitTile(int64_t rows, int64_t columns, Value block, Value inputAt,
                ResultTile &out);
};

void DepthwiseConv::emit() {
  Tile tile = toTile(step.schedule.getTile());
  Cut rowCut{shape.outHeight, tile.rows};
  for (bool last : {false, true})
    if (last ? rowCut.rest() : rowCut.full())
      emitRows(rowCut, last, tile.columns);
}

void DepthwiseConv::emitRows(Cut rowCut, bool last, int64_t columns) {
  int64_t rows = last ? rowCut.rest() : rowCut.tile;
  int64_t rowTiles = last ? 1 : rowCut.full();
  int64_t firstRow = last ? rowCut.full() * rowCut.tile : 0;
  int64_t blocks = llvm::divideCeil(shape.groups, lanes);
  step.tileLoop({shape.images, 1, blocks, rowTiles}, [&](ArrayRef<Value> at) {
    Value image = at[0], block = at[2];
    Value row = k.add(k.mul(at[3], rowCut.tile), firstRow);
    Value inputRow =
        k.add(k.dot({image, block, row}, {in.strides[0], in.strides[1],
                                          shape.strideY * in.strides[2]}),
              in.origin - shape.padTop * in.strides[2] -
                  shape.padLeft * in.strides[3]);
    auto emitColumns = [&](Value column, int64_t count) {
      ResultTile out(step, {image, block, row, column, k.index(0)});
      emitTile(rows, count, block,
               k.add(inputRow, k.mul(column, shape.strideX * in.strides[3])),
               out);
    };
    Cut columnCut{shape.outWidth, columns};
    k.loop(columnCut.full(),
           [&](Value i) { emitColumns(k.mul(i, columns), columns); });
    if (columnCut.rest())
      emitColumns(k.index(columnCut.full() * columns), columnCut.rest());
  });
}

void DepthwiseConv::emitTile(int64_t rows, int64_t columns, Value block,
                             Value inputAt, ResultTile &out) {
  Value start = k.zero(element, lanes);
  if (conv.getBias())
    start = k.load(step.operand(conv.getBias()).buffer, k.mul(block, lanes), 0,
                   lanes, element);
  SmallVector<Value> sums(rows * columns, start);
  Value weights = k.mul(block, shape.kernelHeight * shape.kernelWidth * lanes);
  sums = k.loop(shape.kernelHeight, sums, [&](Value ky, ValueRange outer) {
    Value from = k.add(inputAt, k.mul(ky, shape.dilationY * in.strides[2]));
    Value weightRow = k.add(weights, k.mul(ky, shape.kernelWidth * lanes));
    return k.loop(shape.kernelWidth, outer, [&](Value kx, ValueRange inner) {
      Value column = k.add(from, k.mul(kx, shape.dilationX * in.strides[3]));
      Value factor = k.load(weight.buffer, k.add(weightRow, k.mul(kx, lanes)),
                            0, lanes, element);
      SmallVector<Value> next;
      for (auto [p, sum] : llvm::enumerate(inner)) {
        int64_t y = p / columns, x = p % columns;
        Value pixel = k.load(input.buffer, column,
                             y * shape.strideY * in.strides[2] +
                                 x * shape.strideX * in.strides[3],
                             lanes, element);
        next.push_back(k.multiplyAdd(factor, pixel, sum));
      }
      return next;
    });
  });
  for (int64_t y = 0; y < rows; ++y)
    for (int64_t x = 0; x < columns; ++x)
      out.finish(sums[y * columns + x], {0, 0, y, x, 0});
}

class DepthwiseConvKernel : public Kernel {
public:
  StringRef getName() const override { return "depthwise_conv"; }

  bool appliesTo(func::FuncOp step) const override {
    auto conv = dyn_cast<Conv2DOp>(getRoot(step));
    return conv && getBlock(step) > 1 && isDepthwise(conv);
  }

  SmallVector<Candidate> getCandidates(func::FuncOp step,
                                       MachineAttr machine) const override;

  ArrayRef<Loop> getLoops() const override {
    static constexpr Loop loops[] = {Loop::Image, Loop::Channel, Loop::Row};
    return loops;
  }

  WeightsAttr getWeights(func::FuncOp step, const Tile &tile,
                         int64_t) const override {
    return WeightsAttr::get(step.getContext(), tile.channels, tile.channels,
                            /*inputs=*/1);
  }

  std::pair<Tile, Tile> getTileRange(func::FuncOp step,
                                     int64_t) const override {
    ConvShape shape(cast<Conv2DOp>(getRoot(step)));
    int64_t block = getBlock(step);
    return {{block}, {block, shape.outHeight, shape.outWidth}};
  }

  void emit(StepKernel &step) const override { DepthwiseConv(step).emit(); }

private:
  static int64_t getBlock(func::FuncOp step) {
    return getResult(step).layout.block;
  }
};

/// One tile: enough sums under way, room for a weight and an input, and no
/// remainder if that can be had.
SmallVector<Candidate>
DepthwiseConvKernel::getCandidates(func::FuncOp step,
                                   MachineAttr machine) const {
  ConvShape shape(cast<Conv2DOp>(getRoot(step)));
  int64_t most = std::min<int64_t>(machine.getRegisters() - 4, 14);
  int64_t columns = std::min(shape.outWidth, most);
  while (columns > 7 && shape.outWidth % columns != 0)
    --columns;
  int64_t rows =
      std::min(shape.outHeight, std::max<int64_t>(1, most / columns));
  while (rows > 1 && shape.outHeight % rows != 0)
    --rows;
  return {Candidate{{getBlock(step), rows, columns}, {}}};
}

} // namespace

std::unique_ptr<Kernel> mlir::lcp::cpu::createDepthwiseConv() {
  return std::make_unique<DepthwiseConvKernel>();
}
