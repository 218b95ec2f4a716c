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
