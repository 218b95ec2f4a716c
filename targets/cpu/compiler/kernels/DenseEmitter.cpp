//===- DenseEmitter.cpp - What kernels of dense layers share --------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/cpu/compiler/kernels/DenseEmitter.h"
#include "targets/cpu/compiler/kernels/ConvShape.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::lcp;
using namespace mlir::lcp::cpu;

DenseEmitter::DenseEmitter(StepEmitter &step, int64_t lanes)
    : step(step), k(step.k), dense(cast<DenseOp>(step.root)),
      input(step.operand(dense.getInput())),
      weight(step.operand(dense.getWeight())), inputs(input.view().strides[0]),
      outputs(step.result.tensor.type.getDimSize(1)),
      images(step.result.tensor.type.getDimSize(0)),
      tile(toTile(step.schedule.getTile())), element(step.accumulator()),
      lanes(lanes) {}

void DenseEmitter::tileLoop(
    function_ref<void(int64_t, Value, Value, int64_t)> body) {
  Cut cut{outputs, tile.channels};
  if (cut.full())
    step.tileLoop({images, 1, cut.full(), 1}, [&](ArrayRef<Value> at) {
      body(tile.channels / lanes, at[0], k.mul(at[2], tile.channels),
           tile.channels);
    });
  if (cut.rest())
    k.parallelLoop(images, [&](Value image) {
      body(llvm::divideCeil(cut.rest(), lanes), image,
           k.index(cut.full() * tile.channels), cut.rest());
    });
}

Value DenseEmitter::getBias(Value output, int64_t v) {
  if (!dense.getBias())
    return k.zero(element, lanes);
  return k.load(step.operand(dense.getBias()).buffer, output, v * lanes, lanes,
                element);
}
