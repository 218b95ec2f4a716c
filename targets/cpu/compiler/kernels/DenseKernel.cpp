//===- DenseKernel.cpp - Fully connected layer ---===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A matrix times a vector streams the weights once, so their packed order is
// the order of the loops: [tile of outputs][input][vector][lane].
//
//===----------------------------------------------------------------------===//

#include "targets/cpu/compiler/schedule/Schedule.h"
#include "targets/cpu/compiler/kernels/StepKernel.h"

using namespace mlir;
using namespace mlir::lcp;
using namespace mlir::lcp::cpu;

namespace {

struct Dense {
  StepKernel &step;
  KernelBuilder &k;
  DenseOp dense;
  BufferedTensor input, weight;
  /// Elements from one image to the next, which is also the packed length of a
  /// row of weights.
  int64_t inputs, outputs, images;
  DenseTile tile;
  Type element;

  explicit Dense(StepKernel &step)
      : step(step), k(step.k), dense(cast<DenseOp>(step.root)),
        input(step.operand(dense.getInput())),
        weight(step.operand(dense.getWeight())),
        inputs(input.view().strides[0]),
        outputs(step.result.tensor.type.getDimSize(1)),
        images(step.result.tensor.type.getDimSize(0)),
        tile(chooseDenseTile(inputs, outputs, k.unit())),
        element(step.accumulator()) {}

  /// Outputs of a full tile.
  int64_t width() const { return tile.vectors * tile.lanes; }

  void emit();
  void emitTile(int64_t vectors, Value image, Value output, int64_t count);
  SmallVector<Value> accumulate(int64_t vectors, Value inputAt, Value weightAt,
                                SmallVector<Value> sums);
};

void Dense::emit() {
  Cut cut{outputs, width()};
  if (cut.full())
    k.parallelLoop(images * cut.full(), [&](Value t) {
      auto at = k.delinearize(t, {images, cut.full()});
      emitTile(tile.vectors, at[0], k.mul(at[1], width()), width());
    });
  if (cut.rest())
    k.parallelLoop(images, [&](Value image) {
      emitTile(llvm::divideCeil(cut.rest(), tile.lanes), image,
               k.index(cut.full() * width()), cut.rest());
    });
}

/// `count` outputs from `output` on; the last vector may be partly unused.
void Dense::emitTile(int64_t vectors, Value image, Value output,
                     int64_t count) {
  SmallVector<Value> sums;
  for (int64_t s = 0; s < tile.splits; ++s)
    for (int64_t v = 0; v < vectors; ++v)
      sums.push_back(s == 0 && dense.getBias()
                         ? k.load(step.operand(dense.getBias()).buffer, output,
                                  v * tile.lanes, tile.lanes, element)
                         : k.zero(element, tile.lanes));
  sums = accumulate(vectors, k.mul(image, inputs), k.mul(output, inputs),
                    std::move(sums));
  ResultTile out(step, {image, output});
  for (int64_t v = 0; v < vectors; ++v) {
    Value sum = sums[v];
    for (int64_t s = 1; s < tile.splits; ++s)
      sum = k.plus(sum, sums[s * vectors + v]);
    int64_t used = std::min(tile.lanes, count - v * tile.lanes);
    out.finish(sum, {0, v * tile.lanes}, used);
  }
}

SmallVector<Value> Dense::accumulate(int64_t vectors, Value inputAt,
                                     Value weightAt, SmallVector<Value> sums) {
  auto multiply = [&](Value i, int64_t count, ValueRange carried) {
    SmallVector<Value> next(carried);
    Value weights = k.add(weightAt, k.mul(i, vectors * tile.lanes));
    Value from = k.add(inputAt, i);
    for (int64_t s = 0; s < count; ++s) {
      Value factor =
          k.splat(k.load(input.buffer, from, s, 1, element), tile.lanes);
      for (int64_t v = 0; v < vectors; ++v) {
        Value &sum = next[s * vectors + v];
        sum = k.multiplyAdd(factor,
                            k.load(weight.buffer, weights,
                                   (s * vectors + v) * tile.lanes, tile.lanes,
                                   element),
                            sum);
      }
    }
    return next;
  };
  Cut cut{inputs, tile.splits};
  sums = k.loop(cut.full(), sums, [&](Value i, ValueRange carried) {
    return multiply(k.mul(i, tile.splits), tile.splits, carried);
  });
  if (cut.rest())
    sums = multiply(k.index(cut.full() * tile.splits), cut.rest(), sums);
  return sums;
}

} // namespace

void mlir::lcp::cpu::emitDense(StepKernel &step) { Dense(step).emit(); }
