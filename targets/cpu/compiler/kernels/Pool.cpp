//===- Pool.cpp - Maxima and means of windows -----------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/cpu/compiler/kernels/KernelRegistry.h"
#include "targets/cpu/compiler/kernels/StepEmitter.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/MathExtras.h"
#include <limits>
#include <optional>

using namespace mlir;
using namespace mlir::lcp;
using namespace mlir::lcp::cpu;

namespace {

/// What becomes of the values of a window.
enum class Reduction { Max, Mean };

/// Nothing for a window that is not known here, for which there is no kernel.
std::optional<Reduction> getReduction(Operation *op) {
  return llvm::TypeSwitch<Operation *, std::optional<Reduction>>(op)
      .Case([](MaxPool2DOp) { return Reduction::Max; })
      .Case([](AvgPool2DOp) { return Reduction::Mean; })
      .Default([](Operation *) { return std::nullopt; });
}

/// The smallest value of a type.
double lowest(Type element) {
  if (isa<FloatType>(element))
    return -std::numeric_limits<double>::infinity();
  return element.isInteger(8) ? -128 : std::numeric_limits<int32_t>::min();
}

/// Sizes of one dimension of the windows.
struct WindowAxis {
  int64_t image, kernel, stride, dilation, pad, out;

  /// The results whose windows lie within the image: [first, end).
  int64_t firstInside() const { return llvm::divideCeil(pad, stride); }
  int64_t endInside() const {
    int64_t last = image + pad - (kernel - 1) * dilation - 1;
    return last < 0 ? 0 : std::min(out, last / stride + 1);
  }
};

/// A range of a window's taps, and whether it is all of them.
struct Range {
  Value from, to;
  bool whole = false;
};

struct Pool {
  StepEmitter &step;
  KernelBuilder &k;
  BufferedTensor input;
  BufferView in;
  Type element;
  WindowAxis rows, columns;
  Reduction reduction;
  bool countsPadding = false;
  int64_t block;

  Pool(StepEmitter &step, WindowOpInterface op)
      : step(step), k(step.k), input(step.operand(op->getOperand(0))),
        in(input.view()), element(step.accumulator()),
        reduction(*getReduction(op)), block(step.result.tensor.layout.block) {
    auto from = input.tensor.type.getShape();
    auto to = step.result.tensor.type.getShape();
    auto axis = [&](int d) {
      return WindowAxis{from[2 + d],        op.getKernel()[d],
                        op.getStrides()[d], op.getDilations()[d],
                        op.getPads()[d],    to[2 + d]};
    };
    rows = axis(0);
    columns = axis(1);
    if (auto average = dyn_cast<AvgPool2DOp>(op.getOperation()))
      countsPadding = average.getCountIncludePad();
  }

  void emit();
  void emitRow(Value image, Value channel, Value y);
  void emitInside(Value image, Value channel, Value y, int64_t first,
                  int64_t count);
  void emitPoints(Value image, Value channel, Value y, Value x, Range window,
                  int64_t lanes, int64_t points = 1);
  KernelBuilder::Carry over(const WindowAxis &axis, const Range &taps,
                            ValueRange sums, KernelBuilder::CarryBody body);
  Range clip(const WindowAxis &axis, Value position);
  Range whole(const WindowAxis &axis) {
    return {k.index(0), k.index(axis.kernel), true};
  }
  double neutral() const;
  Value combine(Value sum, Value value);
  Value larger(Value a, Value b);
  Value divide(Value sum, const Range &y, const Range &x, int64_t lanes);
};

void Pool::emit() {
  ArrayRef<int64_t> sizes = in.sizes;
  k.parallelLoop(sizes[0] * sizes[1] * rows.out, [&](Value t) {
    auto at = k.delinearize(t, {sizes[0], sizes[1], rows.out});
    emitRow(at[0], at[1], at[2]);
  });
}

/// The taps of the window that lie in the image.
Range Pool::clip(const WindowAxis &axis, Value position) {
  if (axis.firstInside() == 0 && axis.endInside() == axis.out)
    return whole(axis);
  Value start = k.sub(k.mul(position, axis.stride), k.index(axis.pad));
  auto taps = [&](Value distance) {
    return k.div(k.add(distance, axis.dilation - 1), axis.dilation);
  };
  Value before = k.max(k.sub(k.index(0), start), k.index(0));
  Value behind = k.sub(k.index(axis.image), start);
  return {taps(before), k.min(taps(behind), k.index(axis.kernel))};
}

/// One row of results: several at a time whose windows lie inside, and singly
/// at the edges.
void Pool::emitRow(Value image, Value channel, Value y) {
  int64_t first = std::min(columns.firstInside(), columns.out);
  int64_t end = std::max(first, columns.endInside());
  auto edge = [&](int64_t from, int64_t to) {
    k.loop(to - from, [&](Value i) {
      Value x = k.add(i, from);
      emitPoints(image, channel, y, x, clip(columns, x), block);
    });
  };
  edge(0, first);
  emitInside(image, channel, y, first, end - first);
  edge(end, columns.out);
}

/// `count` results of a row from `first` on: in a plain image as vectors of
/// columns, else with their channels in lanes.
void Pool::emitInside(Value image, Value channel, Value y, int64_t first,
                      int64_t count) {
  constexpr int64_t kMostPoints = 4;
  if (count == 0)
    return;
  int64_t lanes = block, points = std::min(kMostPoints, count);
  if (block == 1) {
    lanes = std::min<int64_t>(k.lanes(), llvm::bit_floor<uint64_t>(count));
    points = 1;
  }
  int64_t across = block == 1 ? lanes : points;
  k.loop(llvm::divideCeil(count, across), [&](Value i) {
    Value x = k.mul(i, across);
    if (count % across)
      x = k.min(x, k.index(count - across));
    emitPoints(image, channel, y, k.add(x, first), whole(columns), lanes,
               points);
  });
}

/// What the values of a window are added to: it changes none of them.
double Pool::neutral() const {
  switch (reduction) {
  case Reduction::Max:
    return lowest(element);
  case Reduction::Mean:
    return 0;
  }
  llvm_unreachable("an unknown reduction");
}

Value Pool::combine(Value sum, Value value) {
  switch (reduction) {
  case Reduction::Max:
    return larger(sum, value);
  case Reduction::Mean:
    return k.plus(sum, value);
  }
  llvm_unreachable("an unknown reduction");
}

Value Pool::larger(Value a, Value b) {
  OpBuilder &builder = k.builder();
  if (isa<IntegerType>(element))
    return builder.create<arith::MaxSIOp>(k.loc(), a, b);
  auto flags = arith::FastMathFlagsAttr::get(builder.getContext(),
                                             arith::FastMathFlags::nnan |
                                                 arith::FastMathFlags::nsz);
  return builder.create<arith::MaxNumFOp>(k.loc(), a, b, flags);
}

/// A mean of f32; sums of integers stay as they are.
Value Pool::divide(Value sum, const Range &y, const Range &x, int64_t lanes) {
  if (reduction != Reduction::Mean || isa<IntegerType>(element))
    return sum;
  OpBuilder &b = k.builder();
  if (countsPadding || (y.whole && x.whole)) {
    Value factor = k.constant(element, 1.0 / (rows.kernel * columns.kernel));
    return b.create<arith::MulFOp>(k.loc(), sum, k.splat(factor, lanes));
  }
  Value count = k.mul(k.sub(y.to, y.from), k.sub(x.to, x.from));
  Value word = b.create<arith::IndexCastOp>(k.loc(), b.getI32Type(), count);
  Value real = b.create<arith::SIToFPOp>(k.loc(), element, word);
  return b.create<arith::DivFOp>(k.loc(), sum, k.splat(real, lanes));
}

/// A loop over the taps of one dimension, unrolled where they are few and
/// known.
KernelBuilder::Carry Pool::over(const WindowAxis &axis, const Range &taps,
                                ValueRange sums,
                                KernelBuilder::CarryBody body) {
  constexpr int64_t kFew = 3;
  if (!taps.whole)
    return k.loop(taps.from, taps.to, sums, body);
  return axis.kernel <= kFew ? k.unrolled(axis.kernel, sums, body)
                             : k.loop(axis.kernel, sums, body);
}

/// `points` times `lanes` results, which are channels of a block, or columns of
/// a plain image. Points are neighbours in a row.
void Pool::emitPoints(Value image, Value channel, Value y, Value x,
                      Range window, int64_t lanes, int64_t points) {
  Range vertical = clip(rows, y);
  Value base =
      k.add(k.dot({image, channel, y, x},
                  {in.strides[0], in.strides[1], rows.stride * in.strides[2],
                   columns.stride * in.strides[3]}),
            in.origin - rows.pad * in.strides[2] - columns.pad * in.strides[3]);
  int64_t stride = block > 1 ? 1 : columns.stride;
  auto overRow = [&](Value r, ValueRange outer) {
    Value from = k.add(base, k.mul(r, rows.dilation * in.strides[2]));
    auto tap = [&](Value s, ValueRange sums) {
      Value at = k.add(from, k.mul(s, columns.dilation * in.strides[3]));
      KernelBuilder::Carry next;
      for (auto [p, sum] : llvm::enumerate(sums))
        next.push_back(
            combine(sum, k.loadStrided(input.buffer, at,
                                       p * columns.stride * in.strides[3],
                                       lanes, stride, element)));
      return next;
    };
    return over(columns, window, outer, tap);
  };
  Value start = k.splat(k.constant(element, neutral()), lanes);
  auto sums = over(rows, vertical, SmallVector<Value>(points, start), overRow);
  SmallVector<Value> positions = {image, channel, y, x};
  SmallVector<int64_t> delta(block > 1 ? 5 : 4, 0);
  if (block > 1)
    positions.push_back(k.index(0));
  ResultTile out(step, positions);
  for (auto [p, sum] : llvm::enumerate(sums)) {
    delta[3] = p;
    out.finish(divide(sum, vertical, window, lanes), delta);
  }
}

class PoolKernel : public Kernel {
public:
  StringRef getName() const override { return "pool"; }
  bool appliesTo(func::FuncOp step) const override {
    return getReduction(getRoot(step)).has_value();
  }
  void emit(StepEmitter &step) const override {
    Pool(step, cast<WindowOpInterface>(step.root)).emit();
  }
};

} // namespace

std::unique_ptr<Kernel> mlir::lcp::cpu::createPool() {
  return std::make_unique<PoolKernel>();
}
