//===- PoolKernels.cpp - Maxima and means of windows ---===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/cpu/compiler/graph/OpTraits.h"
#include "targets/cpu/compiler/kernels/StepKernel.h"
#include "llvm/Support/MathExtras.h"
#include <limits>

using namespace mlir;
using namespace mlir::lcp;
using namespace mlir::lcp::cpu;

namespace {

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

/// A range of a window's positions, and whether it is all of them.
struct Range {
  Value from, to;
  bool whole = false;
};

struct Pool {
  StepKernel &step;
  KernelBuilder &k;
  BufferedTensor input;
  BufferView in;
  Type element;
  WindowAxis rows, columns;
  bool isMax, countsPadding = false;
  int64_t block;

  Pool(StepKernel &step, WindowOpInterface op)
      : step(step), k(step.k), input(step.operand(op->getOperand(0))),
        in(input.view()), element(step.accumulator()),
        isMax(isa<MaxPool2DOp>(op.getOperation())),
        block(step.result.tensor.layout.block) {
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
  void emitPoints(Value image, Value channel, Value y, Value x, Range window,
                  int64_t lanes);
  Range clip(const WindowAxis &axis, Value position);
  Range whole(const WindowAxis &axis) {
    return {k.index(0), k.index(axis.kernel), true};
  }
  Value combine(Value sum, Value value);
  Value divide(Value sum, const Range &y, const Range &x, int64_t lanes);
};

void Pool::emit() {
  ArrayRef<int64_t> sizes = in.sizes;
  k.parallelLoop(sizes[0] * sizes[1] * rows.out, [&](Value t) {
    auto at = k.delinearize(t, {sizes[0], sizes[1], rows.out});
    emitRow(at[0], at[1], at[2]);
  });
}

/// Positions of the window that lie in the image.
Range Pool::clip(const WindowAxis &axis, Value position) {
  if (axis.firstInside() == 0 && axis.endInside() == axis.out)
    return whole(axis);
  Value start = k.sub(k.mul(position, axis.stride), k.index(axis.pad));
  auto steps = [&](Value distance) {
    return k.div(k.add(distance, axis.dilation - 1), axis.dilation);
  };
  Value before = k.max(k.sub(k.index(0), start), k.index(0));
  Value behind = k.sub(k.index(axis.image), start);
  return {steps(before), k.min(steps(behind), k.index(axis.kernel))};
}

/// One row of results: with channels in lanes, point by point; of a plain
/// image, vectors of columns whose windows lie inside, and single edges.
void Pool::emitRow(Value image, Value channel, Value y) {
  if (block > 1) {
    k.loop(columns.out, [&](Value x) {
      emitPoints(image, channel, y, x, clip(columns, x), block);
    });
    return;
  }
  int64_t first = std::min(columns.firstInside(), columns.out);
  int64_t end = std::max(first, columns.endInside());
  auto edge = [&](int64_t from, int64_t to) {
    k.loop(to - from, [&](Value i) {
      Value x = k.add(i, from);
      emitPoints(image, channel, y, x, clip(columns, x), 1);
    });
  };
  edge(0, first);
  int64_t inside = end - first;
  int64_t lanes =
      std::min<int64_t>(k.unit().lanes, llvm::bit_floor<uint64_t>(inside));
  if (lanes)
    k.loop(llvm::divideCeil(inside, lanes), [&](Value i) {
      Value x = k.mul(i, lanes);
      if (inside % lanes)
        x = k.min(x, k.index(inside - lanes));
      emitPoints(image, channel, y, k.add(x, first), whole(columns), lanes);
    });
  edge(end, columns.out);
}

Value Pool::combine(Value sum, Value value) {
  OpBuilder &b = k.builder();
  if (!isMax)
    return k.plus(sum, value);
  if (isa<IntegerType>(element))
    return b.create<arith::MaxSIOp>(k.loc(), sum, value);
  auto flags = arith::FastMathFlagsAttr::get(
      b.getContext(), arith::FastMathFlags::nnan | arith::FastMathFlags::nsz);
  return b.create<arith::MaxNumFOp>(k.loc(), sum, value, flags);
}

/// A mean of f32; sums of integers stay as they are.
Value Pool::divide(Value sum, const Range &y, const Range &x, int64_t lanes) {
  if (isMax || isa<IntegerType>(element))
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

/// `lanes` results: channels of a block, or columns of a plain image.
void Pool::emitPoints(Value image, Value channel, Value y, Value x,
                      Range window, int64_t lanes) {
  Range vertical = clip(rows, y);
  Value start =
      k.splat(k.constant(element, isMax ? lowest(element) : 0), lanes);
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
      Value value = k.loadStrided(input.buffer, at, 0, lanes, stride, element);
      return KernelBuilder::Carry{combine(sums[0], value)};
    };
    return window.whole ? k.loop(columns.kernel, outer, tap)
                        : k.loop(window.from, window.to, outer, tap);
  };
  auto sums = vertical.whole
                  ? k.loop(rows.kernel, start, overRow)
                  : k.loop(vertical.from, vertical.to, start, overRow);
  Value result = divide(sums[0], vertical, window, lanes);
  SmallVector<Value> positions = {image, channel, y, x};
  SmallVector<int64_t> delta(4, 0);
  if (block > 1) {
    positions.push_back(k.index(0));
    delta.push_back(0);
  }
  ResultTile(step, positions).finish(result, delta);
}

} // namespace

void mlir::lcp::cpu::emitPool(StepKernel &step) {
  Pool(step, cast<WindowOpInterface>(step.root)).emit();
}

/// Sum over the rows of one channel or block; `run` contiguous positions a row.
static Value sumImage(StepKernel &step, const BufferedTensor &input,
                      Value start, int64_t rows, int64_t rowStride, int64_t run,
                      int64_t pointStride, int64_t lanes) {
  KernelBuilder &k = step.k;
  Type element = step.accumulator();
  int64_t stepSize = pointStride == 1 ? lanes : 1;
  auto sums =
      k.loop(rows, k.zero(element, lanes), [&](Value y, ValueRange outer) {
        Value row = k.add(start, k.mul(y, rowStride));
        return k.loop(run / stepSize, outer, [&](Value x, ValueRange inner) {
          Value value =
              k.load(input.buffer, k.add(row, k.mul(x, stepSize * pointStride)),
                     0, lanes, element);
          return KernelBuilder::Carry{k.plus(inner[0], value)};
        });
      });
  return sums[0];
}

void mlir::lcp::cpu::emitGlobalAvgPool(StepKernel &step) {
  KernelBuilder &k = step.k;
  BufferedTensor input = step.operand(step.root->getOperand(0));
  BufferView in = input.view();
  int64_t height = in.sizes[2], width = in.sizes[3];
  int64_t block = input.tensor.layout.block;
  Type element = step.accumulator();
  auto divide = [&](Value sum, int64_t lanes) -> Value {
    if (isa<IntegerType>(element))
      return sum;
    Value factor = k.splat(k.constant(element, 1.0 / (height * width)), lanes);
    return k.builder().create<arith::MulFOp>(k.loc(), sum, factor);
  };
  k.parallelLoop(in.sizes[0] * in.sizes[1], [&](Value t) {
    auto at = k.delinearize(t, {in.sizes[0], in.sizes[1]});
    Value start = k.add(k.dot(at, in.strides), in.origin);
    SmallVector<Value> positions = {at[0], at[1], k.index(0), k.index(0)};
    if (block > 1) {
      Value sum = sumImage(step, input, start, height, in.strides[2], width,
                           block, block);
      positions.push_back(k.index(0));
      return ResultTile(step, positions)
          .finish(divide(sum, block), {0, 0, 0, 0, 0});
    }
    // Rows without a halo are one run; what vectors leave over is added singly.
    int64_t rows = height, run = width;
    if (in.strides[2] == width) {
      rows = 1;
      run = height * width;
    }
    int64_t lanes = std::min(k.unit().lanes, run), rest = run % lanes;
    Value sum =
        sumImage(step, input, start, rows, in.strides[2], run - rest, 1, lanes);
    if (lanes > 1)
      sum = k.builder().create<vector::ReductionOp>(
          k.loc(), vector::CombiningKind::ADD, sum);
    if (rest)
      sum = k.plus(sum, sumImage(step, input, k.add(start, run - rest), rows,
                                 in.strides[2], rest, 1, 1));
    ResultTile(step, positions).finish(divide(sum, 1), {0, 0, 0, 0});
  });
}
