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
  // Blocks of inputs are streams through memory, of which CPUs follow few.
  // Measured, 32 blocks of an image that
  // comes from behind the second cache took a fifth longer than 8 at a time.
  constexpr int64_t kMostInputs = 64;
  bool isNear = in.elements * 4 <= machine.getL2();
  SmallVector<int64_t> choices;
  if (isNear || shape.inputs <= kMostInputs)
    choices.push_back(1);
  for (int64_t some = inputBlock; some <= kMostInputs && some < shape.inputs;
       some += inputBlock)
    if (some > 1)
      choices.push_back(some);
  return choices;
}

/// Bytes of the image that a tile of so many points sees, of a number of
/// inputs: whole lines of the cache in each row of a block.
int64_t ConvWork::getImageBytes(int64_t inputs, int64_t rows,
                                int64_t columns) const {
  constexpr int64_t kLineBytes = 64;
  auto span = [](int64_t points, int64_t stride, int64_t window,
                 int64_t dilation) {
    return (points - 1) * stride + (window - 1) * dilation + 1;
  };
  int64_t width =
      span(columns, shape.strideX, shape.kernelWidth, shape.dilationX);
  return llvm::divideCeil(inputs, inputBlock) *
         span(rows, shape.strideY, shape.kernelHeight, shape.dilationY) *
         llvm::alignTo(width * inputBlock * 4, kLineBytes);
}

SmallVector<TileWork, 2> ConvWork::getTiles(const Tile &tile) const {
  int64_t blocks = llvm::divideCeil(shape.outputs, lanes);
  int64_t inputs = llvm::alignTo(shape.inputs, inputBlock);
  int64_t some = tile.inputs > 1 ? tile.inputs : inputs;
  int64_t window = shape.kernelHeight * shape.kernelWidth;
  SmallVector<TileWork, 2> work;
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
