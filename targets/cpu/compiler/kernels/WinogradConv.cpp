//===- WinogradConv.cpp - 3x3 convolution in fewer products ---------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// F(mxm, 3x3): the n x n inputs of a patch of m x m results are transformed,
// multiplied by transformed weights and summed over the inputs, product by
// product, and the n x n sums are transformed to the results (n = m + 2; see
// WinogradTransform.h). A thread does all of that for a few patches and outputs
// at a time, on its stack: nothing between two transforms leaves the caches of
// its core.
//
// Where m does not divide the image, its last patches lie over those before,
// and store only what is missing.
//
//===----------------------------------------------------------------------===//

#include "targets/cpu/compiler/dialect/OpTraits.h"
#include "targets/cpu/compiler/kernels/ConvEmitter.h"
#include "targets/cpu/compiler/kernels/KernelRegistry.h"
#include "targets/cpu/compiler/kernels/WinogradSizes.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::lcp;
using namespace mlir::lcp::cpu;

namespace {

struct WinogradConv : ConvEmitter {
  WinogradSizes sizes;
  const WinogradTransform &transform;
  int64_t size, lanes;
  /// Transformed inputs [n * n][patch][input], sums [panel][n * n][patch]
  /// [output], and one patch between the transforms of columns and of rows.
  Value inputs, sums, lines;

  explicit WinogradConv(StepEmitter &step)
      : ConvEmitter(step), sizes(conv, step.result.tensor.layout.block, tile),
        transform(sizes.transform), size(transform.getSize()),
        lanes(sizes.lanes), inputs(k.scratch(sizes.inputElements(), element)),
        sums(k.scratch(sizes.panelsOnStack * sizes.sumElements(), element)),
        lines(k.scratch(sizes.lineElements(), element)) {}

  /// Patches and panels whose results are computed together.
  struct Share {
    int64_t blocks;
    Value image, patch, patches, panel, panels;
    /// The first block of outputs of panel 0.
    int64_t firstBlock;
  };
  /// Where a patch begins, and the first row and column that it stores.
  struct Patch {
    Value y, x, row, column;
  };

  void emit();
  void emitShare(const Share &share);
  Patch getPatch(Value index);
  Value getOverlap(Value at, int64_t length, Value &start);

  void transformInputs(const Share &share, Value block, Value blocks);
  void transformInput(Value from, Value to);
  void multiply(const Share &share, Value panel, Value onStack, Value block,
                Value blocks);
  void multiplyTile(int64_t vectors, Value inputAt, Value weightAt, Value sumAt,
                    Value blocks);
  SmallVector<Value> multiplyLanes(int64_t vectors, Value inputAt,
                                   Value weightAt, int64_t count,
                                   ValueRange carried);
  void prefetch(int64_t vectors, Value weightAt, int64_t count);
  void transformSums(const Share &share, Value panel, Value onStack);
  void transformSum(const Patch &patch, Value from, Value image, Value block);
  void finishRow(const Patch &patch, ValueRange row, Value lineAt,
                 function_ref<ResultTile(Value)> place);
};

void WinogradConv::emit() {
  int64_t shares = llvm::divideCeil(sizes.patches, tile.patches);
  for (const Cut::Part &part :
       Cut{sizes.outputBlocks, sizes.panel / lanes}.parts()) {
    int64_t together = std::min(part.count, sizes.panelsTogether);
    step.tileLoop({shape.images, 1,
                   int64_t(llvm::divideCeil(part.count, together)), shares},
                  [&](ArrayRef<Value> at) {
                    Value patch = k.mul(at[3], tile.patches);
                    Value panel = k.mul(at[2], together);
                    emitShare({part.size, at[0], patch,
                               k.min(k.index(tile.patches),
                                     k.sub(k.index(sizes.patches), patch)),
                               panel,
                               k.min(k.index(together),
                                     k.sub(k.index(part.count), panel)),
                               part.first});
                  });
  }
}

void WinogradConv::emitShare(const Share &share) {
  Value none = k.index(0), all = k.index(sizes.inputBlocks);
  if (sizes.passes == 1) {
    transformInputs(share, none, all);
    k.loop(none, share.panels, [&](Value i) {
      multiply(share, k.add(share.panel, i), none, none, all);
      transformSums(share, k.add(share.panel, i), none);
    });
    return;
  }
  step.fillZero(sums, none, 0, sizes.panelsOnStack * sizes.sumElements());
  int64_t some = sizes.inputs / lanes;
  k.loop(sizes.passes, [&](Value pass) {
    Value block = k.mul(pass, some);
    Value blocks = k.min(k.index(some), k.sub(all, block));
    transformInputs(share, block, blocks);
    k.loop(none, share.panels, [&](Value i) {
      multiply(share, k.add(share.panel, i), i, block, blocks);
    });
  });
  k.loop(none, share.panels,
         [&](Value i) { transformSums(share, k.add(share.panel, i), i); });
}

/// How much of patch `at` of a dimension the one before computes; `start` is
/// where it begins.
Value WinogradConv::getOverlap(Value at, int64_t length, Value &start) {
  int64_t results = transform.getResults();
  Value regular = k.mul(at, results);
  start = regular;
  if (length % results == 0)
    return k.index(0);
  start = k.min(regular, k.index(length - results));
  return k.sub(regular, start);
}

WinogradConv::Patch WinogradConv::getPatch(Value index) {
  Patch patch;
  patch.row = getOverlap(k.div(index, sizes.across), shape.outHeight, patch.y);
  patch.column =
      getOverlap(k.rem(index, sizes.across), shape.outWidth, patch.x);
  return patch;
}

/// `blocks` blocks of inputs of all patches.
void WinogradConv::transformInputs(const Share &share, Value block,
                                   Value blocks) {
  k.loop(k.index(0), share.patches, [&](Value i) {
    Patch patch = getPatch(k.add(share.patch, i));
    Value from =
        k.add(getInputRow(share.image, k.index(0), 0, patch.y),
              k.dot({patch.x, block}, {columnStride(), in.strides[1]}));
    k.loop(k.index(0), blocks, [&](Value b) {
      transformInput(k.add(from, k.mul(b, in.strides[1])),
                     k.dot({i, b}, {sizes.inputs, lanes}));
    });
  });
}

/// Columns and then rows of one block of a patch, to the same place of every
/// product.
void WinogradConv::transformInput(Value from, Value to) {
  k.loop(size, [&](Value column) {
    SmallVector<Value> line;
    for (int64_t y = 0; y < size; ++y)
      line.push_back(k.load(input.buffer,
                            k.add(from, k.mul(column, columnStride())),
                            y * rowStride(), lanes, element));
    line = transform.transformInputs(k, line);
    for (int64_t y = 0; y < size; ++y)
      k.store(line[y], lines, k.mul(column, lanes), y * size * lanes);
  });
  int64_t product = sizes.rows * sizes.inputs;
  k.loop(size, [&](Value row) {
    SmallVector<Value> line;
    for (int64_t x = 0; x < size; ++x)
      line.push_back(
          k.load(lines, k.mul(row, size * lanes), x * lanes, lanes, element));
    line = transform.transformInputs(k, line);
    for (int64_t x = 0; x < size; ++x)
      k.store(line[x], inputs, k.add(to, k.mul(row, size * product)),
              x * product);
  });
}

/// Adds the products of `blocks` blocks of inputs to the sums of a panel.
void WinogradConv::multiply(const Share &share, Value panel, Value onStack,
                            Value block, Value blocks) {
  int64_t width = share.blocks * lanes;
  int64_t perProduct = sizes.inputBlocks * lanes * width;
  Value weightAt =
      k.add(k.dot({panel, block},
                  {transform.getProducts() * perProduct, lanes * width}),
            share.firstBlock * lanes * sizes.inputBlocks * lanes *
                transform.getProducts());
  Value tiles = k.div(k.add(share.patches, tile.columns - 1), tile.columns);
  k.loop(transform.getProducts(), [&](Value p) {
    k.loop(k.index(0), tiles, [&](Value t) {
      multiplyTile(
          share.blocks,
          k.dot({p, t},
                {sizes.rows * sizes.inputs, tile.columns * sizes.inputs}),
          k.add(weightAt, k.mul(p, perProduct)),
          k.dot({onStack, p, t}, {sizes.sumElements(), sizes.rows * sizes.panel,
                                  tile.columns * sizes.panel}),
          blocks);
    });
  });
}

void WinogradConv::multiplyTile(int64_t vectors, Value inputAt, Value weightAt,
                                Value sumAt, Value blocks) {
  SmallVector<Value> carried;
  auto offset = [&](int64_t i) {
    return i / vectors * sizes.panel + i % vectors * lanes;
  };
  for (int64_t i = 0; i < tile.columns * vectors; ++i)
    carried.push_back(sizes.passes == 1
                          ? k.zero(element, lanes)
                          : k.load(sums, sumAt, offset(i), lanes, element));
  // Lanes are unrolled four at a time, as in BlockConv.
  constexpr int64_t kUnroll = 4;
  Value count = k.mul(blocks, lanes / kUnroll);
  carried = k.loop(k.index(0), count, carried, [&](Value i, ValueRange inner) {
    return multiplyLanes(vectors, k.add(inputAt, k.mul(i, kUnroll)),
                         k.add(weightAt, k.mul(i, kUnroll * vectors * lanes)),
                         kUnroll, inner);
  });
  for (int64_t i = 0; i < tile.columns * vectors; ++i)
    k.store(carried[i], sums, sumAt, offset(i));
}

/// The weights that the next product will need, while this one's are used: they
/// are too many for the caches, and no stream that the CPU would recognise.
void WinogradConv::prefetch(int64_t vectors, Value weightAt, int64_t count) {
  constexpr int64_t kLine = 64 / sizeof(float);
  int64_t width = vectors * lanes;
  Value next = k.add(weightAt, sizes.inputBlocks * lanes * width);
  for (int64_t at = 0; at < count * width; at += kLine)
    k.prefetch(weight.buffer, k.add(next, at));
}

/// `count` inputs, side by side in memory, times the weights of a panel.
SmallVector<Value> WinogradConv::multiplyLanes(int64_t vectors, Value inputAt,
                                               Value weightAt, int64_t count,
                                               ValueRange carried) {
  SmallVector<Value> added(carried), wide;
  bool byLane = step.schedule.getScalars() == Scalars::Lane;
  prefetch(vectors, weightAt, count);
  for (int64_t p = 0; byLane && p < tile.columns; ++p)
    wide.push_back(k.load(inputs, inputAt, p * sizes.inputs, count, element));
  for (int64_t l = 0; l < count; ++l) {
    SmallVector<Value> weights;
    for (int64_t v = 0; v < vectors; ++v)
      weights.push_back(k.load(weight.buffer, weightAt,
                               (l * vectors + v) * lanes, lanes, element));
    for (int64_t p = 0; p < tile.columns; ++p) {
      Value scalar =
          byLane ? k.extract(wide[p], l)
                 : k.load(inputs, inputAt, p * sizes.inputs + l, 1, element);
      Value factor = k.splat(scalar, lanes);
      for (int64_t v = 0; v < vectors; ++v) {
        Value &sum = added[p * vectors + v];
        sum = k.multiplyAdd(factor, weights[v], sum);
      }
    }
  }
  return added;
}

/// The results of a panel, all patches.
void WinogradConv::transformSums(const Share &share, Value panel,
                                 Value onStack) {
  Value first = k.add(k.mul(panel, share.blocks), share.firstBlock);
  k.loop(k.index(0), share.patches, [&](Value i) {
    Patch patch = getPatch(k.add(share.patch, i));
    k.loop(share.blocks, [&](Value b) {
      Value from =
          k.dot({onStack, i, b}, {sizes.sumElements(), sizes.panel, lanes});
      transformSum(patch, from, share.image, k.add(first, b));
    });
  });
}

void WinogradConv::transformSum(const Patch &patch, Value from, Value image,
                                Value block) {
  int64_t product = sizes.rows * sizes.panel;
  k.loop(size, [&](Value column) {
    SmallVector<Value> line;
    for (int64_t y = 0; y < size; ++y)
      line.push_back(k.load(sums, k.add(from, k.mul(column, product)),
                            y * size * product, lanes, element));
    line = transform.transformSums(k, line);
    for (auto [y, value] : llvm::enumerate(line))
      k.store(value, lines, k.mul(column, lanes), y * size * lanes);
  });
  Value bias = getBias(block, 0, lanes);
  k.loop(patch.row, k.index(transform.getResults()), [&](Value row) {
    Value at = k.mul(row, size * lanes);
    SmallVector<Value> line;
    for (int64_t x = 0; x < size; ++x)
      line.push_back(k.load(lines, at, x * lanes, lanes, element));
    line = transform.transformSums(k, line);
    for (Value &value : line)
      value = k.plus(value, bias);
    finishRow(patch, line, at, [&](Value column) {
      return ResultTile(step, {image, block, k.add(patch.y, row),
                               k.add(patch.x, column), k.index(0)});
    });
  });
}

/// Stores the results of a row of a patch; `place` says where.
void WinogradConv::finishRow(const Patch &patch, ValueRange row, Value lineAt,
                             function_ref<ResultTile(Value)> place) {
  if (shape.outWidth % transform.getResults() == 0) {
    ResultTile out = place(k.index(0));
    for (auto [x, value] : llvm::enumerate(row))
      out.finish(value, {0, 0, 0, int64_t(x), 0});
    return;
  }
  // Which columns are stored is not known before: from memory they can be taken
  // by number.
  for (auto [x, value] : llvm::enumerate(row))
    k.store(value, lines, lineAt, x * lanes);
  k.loop(patch.column, k.index(transform.getResults()), [&](Value column) {
    Value value =
        k.load(lines, k.add(lineAt, k.mul(column, lanes)), 0, lanes, element);
    place(column).finish(value, {0, 0, 0, 0, 0});
  });
}

class WinogradConvKernel : public Kernel {
public:
  StringRef getName() const override { return "winograd_conv"; }
  bool appliesTo(func::FuncOp step) const override;
  bool transforms() const override { return true; }
  Scalars getScalars(Scalars offered) const override { return offered; }
  SmallVector<Candidate> getCandidates(func::FuncOp step,
                                       MachineAttr machine) const override {
    return getWinogradCandidates(getConv(step), getResult(step).layout.block,
                                 getTileRange(step, machine.getLanes()).second,
                                 machine);
  }
  ArrayRef<Loop> getLoops() const override { return kConvLoops; }

  WeightsAttr getWeights(func::FuncOp step, const Tile &tile, int64_t,
                         Dots) const override {
    int64_t block = getResult(step).layout.block;
    return WeightsAttr::get(step.getContext(), tile.channels, block, block,
                            /*together=*/1, tile.winograd, /*offset=*/0);
  }

  std::pair<Tile, Tile> getTileRange(func::FuncOp step,
                                     int64_t lanes) const override;

  int64_t getStackBytes(func::FuncOp step, const Tile &tile) const override {
    return WinogradSizes(getConv(step), getResult(step).layout.block, tile)
        .getStackBytes();
  }

  void emit(StepEmitter &step) const override { WinogradConv(step).emit(); }

private:
  static Conv2DOp getConv(func::FuncOp step) {
    return cast<Conv2DOp>(getRoot(step));
  }
};

bool isOne(ArrayRef<int64_t> sizes) {
  return llvm::all_of(sizes, [](int64_t size) { return size == 1; });
}

bool WinogradConvKernel::appliesTo(func::FuncOp step) const {
  auto conv = dyn_cast<Conv2DOp>(getRoot(step));
  if (!conv || conv.getGroups() != 1 || !isOne(conv.getStrides()) ||
      !isOne(conv.getDilations()))
    return false;
  ConvShape shape(conv);
  int64_t block = getResult(step).layout.block;
  return shape.kernelHeight == 3 && shape.kernelWidth == 3 && block > 1 &&
         getOperand(step, conv.getInput()).layout.block == block &&
         getElementTypeOrSelf(conv.getInput()).isF32() &&
         std::min(shape.outHeight, shape.outWidth) >= 2;
}

std::pair<Tile, Tile> WinogradConvKernel::getTileRange(func::FuncOp step,
                                                       int64_t) const {
  ConvShape shape(getConv(step));
  int64_t block = getResult(step).layout.block;
  int64_t outputs = llvm::alignTo(shape.outputs, block);
  int64_t inputs = llvm::alignTo(shape.inputs, block);
  int64_t most = std::min(shape.outHeight, shape.outWidth) >= 4 ? 4 : 2;
  Tile least, limit;
  least.channels = least.inputs = least.outputs = block;
  least.winograd = 2;
  limit = {outputs, 1,    shape.outHeight * shape.outWidth,
           inputs,  most, shape.outHeight * shape.outWidth,
           outputs};
  return {least, limit};
}

} // namespace

std::unique_ptr<Kernel> mlir::lcp::cpu::createWinogradConv() {
  return std::make_unique<WinogradConvKernel>();
}
