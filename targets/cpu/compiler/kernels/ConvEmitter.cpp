//===- ConvEmitter.cpp - What kernels of convolutions share ---------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/cpu/compiler/kernels/ConvEmitter.h"

using namespace mlir;
using namespace mlir::lcp;
using namespace mlir::lcp::cpu;

ConvEmitter::ConvEmitter(StepEmitter &step)
    : step(step), k(step.k), conv(cast<Conv2DOp>(step.root)), shape(conv),
      input(step.operand(conv.getInput())),
      weight(step.operand(conv.getWeight())), in(input.view()),
      tile(toTile(step.schedule.getTile())), element(step.accumulator()) {}

Value ConvEmitter::getFirst(const Cut::Part &part, Value i) {
  return k.add(k.mul(i, part.size), part.first);
}

Value ConvEmitter::getInputRow(Value image, Value group, int64_t groupStride,
                               Value row) {
  return k.add(k.dot({image, group, row},
                     {in.strides[0], groupStride, shape.strideY * rowStride()}),
               in.origin - shape.padTop * rowStride() -
                   shape.padLeft * columnStride());
}

Value ConvEmitter::getBias(Value channel, int64_t block, int64_t lanes) {
  if (!conv.getBias())
    return k.zero(element, lanes);
  return k.load(step.operand(conv.getBias()).buffer, k.mul(channel, lanes),
                block * lanes, lanes, element);
}

void ConvEmitter::finishTile(ResultTile &out, ValueRange sums, int64_t blocks,
                             int64_t rows, int64_t columns) {
  for (int64_t b = 0; b < blocks; ++b)
    for (int64_t y = 0; y < rows; ++y)
      for (int64_t x = 0; x < columns; ++x)
        out.finish(sums[(b * rows + y) * columns + x], {0, b, y, x, 0});
}

void ConvEmitter::columnLoop(function_ref<void(Value, int64_t)> body) {
  Cut cut{shape.outWidth, tile.columns};
  k.loop(cut.full(),
         [&](Value i) { body(k.mul(i, tile.columns), tile.columns); });
  if (cut.rest())
    body(k.index(cut.full() * tile.columns), cut.rest());
}

SmallVector<Value> ConvEmitter::overWindow(ValueRange sums, bool unrollRows,
                                           Tap tap) {
  constexpr int64_t kShortRow = 7, kSmallWindow = 25;
  unrollRows &= shape.kernelHeight * shape.kernelWidth <= kSmallWindow;
  auto overRow = [&](Value y, ValueRange outer) {
    auto column = [&](Value x, ValueRange inner) { return tap(y, x, inner); };
    if (unrollRows || shape.kernelWidth <= kShortRow)
      return k.unrolled(shape.kernelWidth, outer, column);
    return k.loop(shape.kernelWidth, outer, column);
  };
  if (unrollRows)
    return k.unrolled(shape.kernelHeight, sums, overRow);
  return k.loop(shape.kernelHeight, sums, overRow);
}
