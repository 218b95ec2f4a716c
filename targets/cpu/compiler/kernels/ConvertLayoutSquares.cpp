//===- ConvertLayoutSquares.cpp - Plain to blocks and back ----------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/cpu/compiler/kernels/KernelRegistry.h"
#include "targets/cpu/compiler/kernels/StepEmitter.h"
#include "llvm/Support/MathExtras.h"
#include <tuple>

using namespace mlir;
using namespace mlir::lcp;
using namespace mlir::lcp::cpu;

namespace {

/// b vectors of b lanes, turned so that lane i of vector j is lane j of vector
/// i: log2(b) rounds that interleave the first half with the second.
SmallVector<Value> transpose(KernelBuilder &k, SmallVector<Value> rows) {
  int64_t size = rows.size();
  SmallVector<int64_t> low, high;
  for (int64_t i = 0; i < size / 2; ++i) {
    low.append({i, size + i});
    high.append({size / 2 + i, size + size / 2 + i});
  }
  for (int64_t round = 1; round < size; round *= 2) {
    SmallVector<Value> next;
    for (int64_t i = 0; i < size / 2; ++i)
      for (ArrayRef<int64_t> pick : {ArrayRef(low), ArrayRef(high)})
        next.push_back(k.shuffle(rows[i], rows[size / 2 + i], pick));
    rows = std::move(next);
  }
  return rows;
}

/// Rows of the image, and columns of each; without halos the whole image is one
/// row.
std::pair<int64_t, int64_t> getRows(const TensorLayout &from,
                                    const TensorLayout &to) {
  int64_t height = from.type.getDimSize(2), width = from.type.getDimSize(3);
  if (from.layout.hasHalo() || to.layout.hasHalo())
    return {height, width};
  return {1, height * width};
}

/// A copy of squares of b channels by b columns.
struct SquareCopy {
  StepEmitter &step;
  KernelBuilder &k;
  BufferedTensor plain, blocked;
  BufferView plainView, blockedView;
  bool toBlocked;
  int64_t block;
  /// As getRows counts them.
  int64_t rows, run;

  SquareCopy(StepEmitter &step, const BufferedTensor &input)
      : step(step), k(step.k), plain(input), blocked(step.result),
        toBlocked(input.tensor.layout.block == 1) {
    if (!toBlocked)
      std::swap(plain, blocked);
    plainView = plain.view();
    blockedView = blocked.view();
    block = blocked.tensor.layout.block;
    std::tie(rows, run) = getRows(plain.tensor, blocked.tensor);
  }

  void emit() {
    int64_t channels = plainView.sizes[1];
    emitBlocks(0, channels / block, block);
    if (channels % block)
      emitBlocks(channels / block, 1, channels % block);
  }

  /// `count` blocks from `first` on, of which `used` lanes are channels.
  void emitBlocks(int64_t first, int64_t count, int64_t used) {
    int64_t images = plainView.sizes[0];
    k.parallelLoop(images * count * rows, [&](Value t) {
      auto at = k.delinearize(t, {images, count, rows});
      Value channelBlock = k.add(at[1], first);
      Value plainRow =
          k.add(k.dot({at[0], channelBlock, at[2]},
                      {plainView.strides[0], plainView.strides[1] * block,
                       plainView.strides[2]}),
                plainView.origin);
      Value blockedRow =
          k.add(k.dot({at[0], channelBlock, at[2]}, blockedView.strides),
                blockedView.origin);
      k.loop(llvm::divideCeil(run, block), [&](Value i) {
        Value x = k.mul(i, block);
        if (run % block)
          x = k.min(x, k.index(run - block));
        emitSquare(k.add(plainRow, x), k.add(blockedRow, k.mul(x, block)),
                   used);
      });
    });
  }

  void emitSquare(Value plainAt, Value blockedAt, int64_t used) {
    Type element = plain.element();
    SmallVector<Value> vectors;
    for (int64_t i = 0; i < block; ++i) {
      if (!toBlocked)
        vectors.push_back(
            k.load(blocked.buffer, blockedAt, i * block, block, element));
      else if (i < used)
        vectors.push_back(k.load(plain.buffer, plainAt,
                                 i * plainView.strides[1], block, element));
      else
        vectors.push_back(k.zero(element, block));
    }
    vectors = transpose(k, std::move(vectors));
    for (int64_t i = 0; i < (toBlocked ? block : used); ++i) {
      if (toBlocked)
        k.store(vectors[i], blocked.buffer, blockedAt, i * block);
      else
        k.store(vectors[i], plain.buffer, plainAt, i * plainView.strides[1]);
    }
  }
};

/// For conversions from or to a plain image whose rows are long enough for a
/// square.
class SquaresKernel : public Kernel {
public:
  StringRef getName() const override { return "convert_layout_squares"; }

  bool appliesTo(func::FuncOp step) const override {
    auto conversion = dyn_cast<ConvertLayoutOp>(getRoot(step));
    if (!conversion)
      return false;
    TensorLayout from = getOperand(step, conversion.getInput());
    TensorLayout to = getResult(step);
    int64_t least = std::min(from.layout.block, to.layout.block);
    int64_t block = std::max(from.layout.block, to.layout.block);
    return least == 1 && block > 1 && getRows(from, to).second >= block;
  }

  void emit(StepEmitter &step) const override {
    SquareCopy(step, step.operand(step.root->getOperand(0))).emit();
  }
};

} // namespace

std::unique_ptr<Kernel> mlir::lcp::cpu::createConvertLayoutSquares() {
  return std::make_unique<SquaresKernel>();
}
