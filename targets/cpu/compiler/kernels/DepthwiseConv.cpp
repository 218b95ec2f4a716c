//===- DepthwiseConv.cpp - Depthwise convolution, channels in vectors -----===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/cpu/compiler/dialect/OpTraits.h"
#include "targets/cpu/compiler/kernels/ConvEmitter.h"
#include "targets/cpu/compiler/kernels/KernelRegistry.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::lcp;
using namespace mlir::lcp::cpu;

namespace {

struct DepthwiseConv : ConvEmitter {
  int64_t lanes;

  explicit DepthwiseConv(StepEmitter &step)
      : ConvEmitter(step), lanes(step.result.tensor.layout.block) {}

  void emit();
  void emitPart(const Cut::Part &rowPart);
  void emitTile(int64_t rows, int64_t columns, Value block, Value inputAt,
                ResultTile &out);
};

void DepthwiseConv::emit() {
  for (const Cut::Part &rowPart : Cut{shape.outHeight, tile.rows}.parts())
    emitPart(rowPart);
}

/// All tiles of one height.
void DepthwiseConv::emitPart(const Cut::Part &rowPart) {
  int64_t blocks = llvm::divideCeil(shape.groups, lanes);
  step.tileLoop(
      {shape.images, 1, blocks, rowPart.count}, [&](ArrayRef<Value> at) {
        Value image = at[0], block = at[2], row = getFirst(rowPart, at[3]);
        Value inputRow = getInputRow(image, block, in.strides[1], row);
        columnLoop([&](Value column, int64_t columns) {
          ResultTile out(step, {image, block, row, column, k.index(0)});
          emitTile(
              rowPart.size, columns, block,
              k.add(inputRow, k.mul(column, shape.strideX * columnStride())),
              out);
        });
      });
}

void DepthwiseConv::emitTile(int64_t rows, int64_t columns, Value block,
                             Value inputAt, ResultTile &out) {
  Value start = getBias(block, 0, lanes);
  SmallVector<Value> sums(rows * columns, start);
  Value weights = k.mul(block, shape.kernelHeight * shape.kernelWidth * lanes);
  auto tap = [&](Value ky, Value kx, ValueRange carried) {
    Value from =
        k.add(inputAt, k.dot({ky, kx}, {shape.dilationY * rowStride(),
                                        shape.dilationX * columnStride()}));
    Value position = k.add(k.mul(ky, shape.kernelWidth), kx);
    Value factor = k.load(weight.buffer, k.add(weights, k.mul(position, lanes)),
                          0, lanes, element);
    SmallVector<Value> next;
    for (auto [p, sum] : llvm::enumerate(carried)) {
      int64_t y = p / columns, x = p % columns;
      Value pixel = k.load(input.buffer, from,
                           y * shape.strideY * rowStride() +
                               x * shape.strideX * columnStride(),
                           lanes, element);
      next.push_back(k.multiplyAdd(factor, pixel, sum));
    }
    return next;
  };
  sums = overWindow(sums, /*unrollRows=*/true, tap);
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

  WeightsAttr getWeights(func::FuncOp step, const Tile &tile, int64_t,
                         Dots) const override {
    return WeightsAttr::get(step.getContext(), tile.channels, tile.channels,
                            /*inputs=*/1, /*together=*/1, /*winograd=*/0,
                            /*offset=*/0);
  }

  std::pair<Tile, Tile> getTileRange(func::FuncOp step,
                                     int64_t) const override {
    ConvShape shape(cast<Conv2DOp>(getRoot(step)));
    int64_t block = getBlock(step);
    return {{block}, {block, shape.outHeight, shape.outWidth}};
  }

  void emit(StepEmitter &step) const override { DepthwiseConv(step).emit(); }

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
  // A small window is unrolled, and its weights stay in registers beside.
  int64_t most = std::min<int64_t>(machine.getRegisters() / 2, 14);
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
