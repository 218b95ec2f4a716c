//===- DepthwiseKernel.cpp - Depthwise convolution over blocks ---===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/cpu/compiler/schedule/Schedule.h"
#include "targets/cpu/compiler/kernels/StepKernel.h"

using namespace mlir;
using namespace mlir::lcp;
using namespace mlir::lcp::cpu;

namespace {

/// Weights are packed as [block][ky][kx][lane].
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
  PointTile tile = choosePointTile(shape, k.unit());
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
  k.parallelLoop(shape.images * blocks * rowTiles, [&](Value t) {
    auto at = k.delinearize(t, {shape.images, blocks, rowTiles});
    Value row = k.add(k.mul(at[2], rowCut.tile), firstRow);
    Value inputRow =
        k.add(k.dot({at[0], at[1], row}, {in.strides[0], in.strides[1],
                                          shape.strideY * in.strides[2]}),
              in.origin - shape.padTop * in.strides[2] -
                  shape.padLeft * in.strides[3]);
    auto emitColumns = [&](Value column, int64_t count) {
      ResultTile out(step, {at[0], at[1], row, column, k.index(0)});
      emitTile(rows, count, at[1],
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

} // namespace

void mlir::lcp::cpu::emitDepthwiseConv(StepKernel &step) {
  DepthwiseConv(step).emit();
}
