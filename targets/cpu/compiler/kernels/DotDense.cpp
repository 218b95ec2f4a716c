//===- DotDense.cpp - Dense layers of bytes, four products at a time ------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/cpu/compiler/kernels/DenseEmitter.h"
#include "targets/cpu/compiler/kernels/DotProducts.h"
#include "targets/cpu/compiler/kernels/KernelRegistry.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::lcp;
using namespace mlir::lcp::cpu;

namespace {

struct DotDense : DenseEmitter {
  WeightsAttr order;
  DotProducts dots;

  explicit DotDense(StepEmitter &step)
      : DenseEmitter(step, step.k.lanes()), order(step.schedule.getWeights()),
        dots(k, step.schedule.getDots(), dense->hasAttr(kNonNegativeAttr),
             lanes) {}

  void emitTile(int64_t vectors, Value image, Value output, int64_t count);
  Value getStart(Value output, Value behind, int64_t v);
};

/// What the sums of vector `v` begin with.
Value DotDense::getStart(Value output, Value behind, int64_t v) {
  if (!order.getOffset())
    return getBias(output, v);
  return k.plus(getBias(output, v),
                dots.loadWords(weight.buffer, behind, v * lanes * 4));
}

/// `count` outputs from `output` on; the last vector may be partly unused.
void DotDense::emitTile(int64_t vectors, Value image, Value output,
                        int64_t count) {
  int64_t panel = vectors * lanes, together = order.getTogether();
  Value inputAt = k.mul(image, inputs);
  Value weightAt = k.mul(output, inputs + (order.getOffset() ? 4 : 0));
  SmallVector<Value> sums;
  for (int64_t v = 0; v < vectors; ++v)
    sums.push_back(getStart(output, k.add(weightAt, inputs * panel), v));
  sums = k.loop(inputs / kQuad, sums, [&](Value q, ValueRange carried) {
    SmallVector<Value> next(carried);
    auto quad =
        dots.loadInputs(input.buffer, k.add(inputAt, k.mul(q, kQuad)), 0);
    Value weights = k.add(weightAt, k.mul(q, kQuad * panel));
    for (int64_t v = 0; v < vectors; ++v)
      next[v] = dots.add(
          quad,
          dots.loadWeights(weight.buffer, weights, v * lanes * together, panel),
          next[v]);
    return next;
  });
  ResultTile out(step, {image, output});
  for (int64_t v = 0; v < vectors; ++v)
    out.finish(sums[v], {0, v * lanes}, std::min(lanes, count - v * lanes));
}

class DotDenseKernel : public Kernel {
public:
  StringRef getName() const override { return "dot_dense"; }

  bool appliesTo(func::FuncOp step) const override {
    auto dense = dyn_cast<DenseOp>(getRoot(step));
    return dense && getElementTypeOrSelf(dense.getInput()).isInteger(8) &&
           getInputs(step) % kQuad == 0;
  }

  Dots getDots(Dots offered) const override { return offered; }

  /// One tile: sums under way hide latencies.
  SmallVector<Candidate> getCandidates(func::FuncOp step,
                                       MachineAttr machine) const override {
    constexpr int64_t kSums = 8;
    if (machine.getDots() == Dots::None)
      return {};
    int64_t vectors = llvm::divideCeil(getResult(step).type.getDimSize(1),
                                       machine.getLanes());
    return {Candidate{{std::min(vectors, kSums) * machine.getLanes(), 1, 1, 1},
                      {}}};
  }

  ArrayRef<Loop> getLoops() const override { return kDenseLoops; }

  WeightsAttr getWeights(func::FuncOp step, const Tile &tile, int64_t lanes,
                         Dots dots) const override {
    if (dots == Dots::None)
      return {};
    bool nonNegative = getRoot(step)->hasAttr(kNonNegativeAttr);
    return WeightsAttr::get(step.getContext(), tile.channels, lanes,
                            /*inputs=*/kQuad, getTogether(dots),
                            /*winograd=*/0, getOffset(dots, nonNegative));
  }

  std::pair<Tile, Tile> getTileRange(func::FuncOp step,
                                     int64_t lanes) const override {
    int64_t channels = llvm::alignTo(getResult(step).type.getDimSize(1), lanes);
    return {{lanes}, {channels}};
  }

  void emit(StepEmitter &step) const override {
    DotDense kernel(step);
    kernel.tileLoop(
        [&](int64_t vectors, Value image, Value output, int64_t count) {
          kernel.emitTile(vectors, image, output, count);
        });
  }

private:
  static int64_t getInputs(func::FuncOp step) {
    TensorLayout input =
        getOperand(step, cast<DenseOp>(getRoot(step)).getInput());
    return getView(input.type, input.layout).strides[0];
  }
};

} // namespace

std::unique_ptr<Kernel> mlir::lcp::cpu::createDotDense() {
  return std::make_unique<DotDenseKernel>();
}
