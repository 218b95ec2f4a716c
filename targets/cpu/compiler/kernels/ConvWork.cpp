//===- ConvWork.cpp - What there is to do in a convolution ----------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/cpu/compiler/kernels/ConvWork.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::lcp;
using namespace mlir::lcp::cpu;

static TensorLayout getInput(func::FuncOp step) {
  return getOperand(step, cast<Conv2DOp>(getRoot(step)).getInput());
}

ConvWork::ConvWork(func::FuncOp step, MachineAttr machine)
    : machine(machine), shape(cast<Conv2DOp>(getRoot(step))),
      in(getView(getInput(step).type, getInput(step).layout)),
      inputBlock(getInput(step).layout.block),
      lanes(getResult(step).layout.block) {}

SmallVector<int64_t> ConvWork::getInputsAtATime() const {
  // What more would save is less than the model can tell.
  constexpr int64_t kMostInputs = 64;
  SmallVector<int64_t> choices{1};
  for (int64_t some = inputBlock; some <= kMostInputs && some < shape.inputs;
       some += inputBlock)
    if (some > 1)
      choices.push_back(some);
  return choices;
}

/// What a tile of so many points takes of the nearest cache for so many inputs
/// of the image: whole lines in each row of a block.
int64_t ConvWork::getImageBytes(int64_t inputs, int64_t rows,
                                int64_t columns) const {
  auto span = [](int64_t points, int64_t stride, int64_t window,
                 int64_t dilation) {
    return (points - 1) * stride + (window - 1) * dilation + 1;
  };
  int64_t height =
      span(rows, shape.strideY, shape.kernelHeight, shape.dilationY);
  int64_t width =
      span(columns, shape.strideX, shape.kernelWidth, shape.dilationX);
  return getCacheBytes(llvm::divideCeil(inputs, inputBlock), height,
                       width * inputBlock * 4, in.strides[1] * 4, machine);
}

SmallVector<TileWork, 4> ConvWork::getTiles(const Tile &tile) const {
  int64_t blocks = llvm::divideCeil(shape.outputs, lanes);
  int64_t inputs = llvm::alignTo(shape.inputs, inputBlock);
  int64_t some = tile.inputs > 1 ? tile.inputs : inputs;
  int64_t window = shape.kernelHeight * shape.kernelWidth;
  SmallVector<TileWork, 4> work;
  for (const Cut::Part &b : Cut{blocks, tile.channels / lanes}.parts())
    for (const Cut::Part &r : Cut{shape.outHeight, tile.rows}.parts())
      for (const Cut::Part &c : Cut{shape.outWidth, tile.columns}.parts())
        work.push_back({b.count * r.count * c.count,
                        shape.getReduction(inputBlock), b.size, r.size * c.size,
                        int64_t(llvm::divideCeil(inputs, some)),
                        some * window * b.size * lanes * 4 +
                            getImageBytes(some, r.size, c.size)});
  return work;
}
