//===- Dense.cpp - Dense layers, outputs in vectors -----------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A matrix times a vector streams the weights once, so their packed order is
// the order of the loops.
//
//===----------------------------------------------------------------------===//

#include "targets/cpu/compiler/kernels/ConvShape.h"
#include "targets/cpu/compiler/kernels/DenseEmitter.h"
#include "targets/cpu/compiler/kernels/KernelRegistry.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::lcp;
using namespace mlir::lcp::cpu;

namespace {

/// Elements of the vectors; fewer than the machine's for few outputs.
int64_t getVector(DenseOp dense, int64_t lanes) {
  auto type = cast<RankedTensorType>(dense.getType());
  return std::min<int64_t>(
      lanes, std::max<int64_t>(4, llvm::PowerOf2Ceil(static_cast<uint64_t>(
                                      type.getDimSize(1)))));
}

struct Dense : DenseEmitter {
  explicit Dense(StepEmitter &step)
      : DenseEmitter(step,
                     getVector(cast<DenseOp>(step.root), step.k.lanes())) {}

  void emitTile(int64_t vectors, Value image, Value output, int64_t count);
  SmallVector<Value> accumulate(int64_t vectors, Value inputAt, Value weightAt,
                                SmallVector<Value> sums);
};

/// `count` outputs from `output` on; the last vector may be partly unused.
void Dense::emitTile(int64_t vectors, Value image, Value output,
                     int64_t count) {
  SmallVector<Value> sums;
  for (int64_t s = 0; s < tile.inputs; ++s)
    for (int64_t v = 0; v < vectors; ++v)
      sums.push_back(s == 0 ? getBias(output, v) : k.zero(element, lanes));
  sums = accumulate(vectors, k.mul(image, inputs), k.mul(output, inputs),
                    std::move(sums));
  ResultTile out(step, {image, output});
  for (int64_t v = 0; v < vectors; ++v) {
    Value sum = sums[v];
    for (int64_t s = 1; s < tile.inputs; ++s)
      sum = k.plus(sum, sums[s * vectors + v]);
    int64_t used = std::min(lanes, count - v * lanes);
    out.finish(sum, {0, v * lanes}, used);
  }
}

SmallVector<Value> Dense::accumulate(int64_t vectors, Value inputAt,
                                     Value weightAt, SmallVector<Value> sums) {
  auto multiply = [&](Value i, int64_t count, ValueRange carried) {
    SmallVector<Value> next(carried);
    Value weights = k.add(weightAt, k.mul(i, vectors * lanes));
    Value from = k.add(inputAt, i);
    for (int64_t s = 0; s < count; ++s) {
      Value factor = k.splat(k.load(input.buffer, from, s, 1, element), lanes);
      for (int64_t v = 0; v < vectors; ++v) {
        Value &sum = next[s * vectors + v];
        sum = k.multiplyAdd(factor,
                            k.load(weight.buffer, weights,
                                   (s * vectors + v) * lanes, lanes, element),
                            sum);
      }
    }
    return next;
  };
  Cut cut{inputs, tile.inputs};
  sums = k.loop(cut.full(), sums, [&](Value i, ValueRange carried) {
    return multiply(k.mul(i, tile.inputs), tile.inputs, carried);
  });
  if (cut.rest())
    sums = multiply(k.index(cut.full() * tile.inputs), cut.rest(), sums);
  return sums;
}

class DenseKernel : public Kernel {
public:
  StringRef getName() const override { return "dense"; }

  bool appliesTo(func::FuncOp step) const override {
    return isa<DenseOp>(getRoot(step));
  }

  SmallVector<Candidate> getCandidates(func::FuncOp step,
                                       MachineAttr machine) const override;

  ArrayRef<Loop> getLoops() const override { return kDenseLoops; }

  WeightsAttr getWeights(func::FuncOp step, const Tile &tile, int64_t lanes,
                         Dots) const override {
    int64_t vector = getVector(cast<DenseOp>(getRoot(step)), lanes);
    return WeightsAttr::get(step.getContext(), tile.channels, vector,
                            /*inputs=*/1, /*together=*/1, /*winograd=*/0,
                            /*offset=*/0);
  }

  std::pair<Tile, Tile> getTileRange(func::FuncOp step,
                                     int64_t lanes) const override {
    auto dense = cast<DenseOp>(getRoot(step));
    int64_t vector = getVector(dense, lanes);
    int64_t channels = llvm::alignTo(getOutputs(step), vector);
    return {{vector}, {channels, 1, 1, getInputs(step)}};
  }

  void emit(StepEmitter &step) const override {
    Dense kernel(step);
    kernel.tileLoop(
        [&](int64_t vectors, Value image, Value output, int64_t count) {
          kernel.emitTile(vectors, image, output, count);
        });
  }

private:
  static int64_t getOutputs(func::FuncOp step) {
    return getResult(step).type.getDimSize(1);
  }
  static int64_t getInputs(func::FuncOp step) {
    TensorLayout input =
        getOperand(step, cast<DenseOp>(getRoot(step)).getInput());
    return getView(input.type, input.layout).strides[0];
  }
};

/// One tile: eight sums under way hide the latency of a multiply-add. What
/// vectors of outputs do not fill, sums of every nth input do.
SmallVector<Candidate> DenseKernel::getCandidates(func::FuncOp step,
                                                  MachineAttr machine) const {
  constexpr int64_t kSums = 8;
  int64_t lanes = getVector(cast<DenseOp>(getRoot(step)), machine.getLanes());
  int64_t vectors =
      std::min<int64_t>(llvm::divideCeil(getOutputs(step), lanes), kSums);
  int64_t inputs =
      std::min<int64_t>(getInputs(step), std::max<int64_t>(1, kSums / vectors));
  return {Candidate{{vectors * lanes, 1, 1, inputs}, {}}};
}

} // namespace

std::unique_ptr<Kernel> mlir::lcp::cpu::createDense() {
  return std::make_unique<DenseKernel>();
}
