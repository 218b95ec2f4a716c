//===- GlobalAvgPool.cpp - Means of whole images --------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/cpu/compiler/kernels/KernelRegistry.h"
#include "targets/cpu/compiler/kernels/StepEmitter.h"

using namespace mlir;
using namespace mlir::lcp;
using namespace mlir::lcp::cpu;

/// Sum over the rows of one channel or block; `run` contiguous positions a row.
static Value sumImage(StepEmitter &step, const BufferedTensor &input,
                      Value start, int64_t rows, int64_t rowStride, int64_t run,
                      int64_t pointStride, int64_t lanes) {
  KernelBuilder &k = step.k;
  Type element = step.accumulator();
  int64_t advance = pointStride == 1 ? lanes : 1;
  auto sums =
      k.loop(rows, k.zero(element, lanes), [&](Value y, ValueRange outer) {
        Value row = k.add(start, k.mul(y, rowStride));
        return k.loop(run / advance, outer, [&](Value x, ValueRange inner) {
          Value value =
              k.load(input.buffer, k.add(row, k.mul(x, advance * pointStride)),
                     0, lanes, element);
          return KernelBuilder::Carry{k.plus(inner[0], value)};
        });
      });
  return sums[0];
}

static void emitGlobalAvgPool(StepEmitter &step) {
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
    int64_t lanes = std::min(k.lanes(), run), rest = run % lanes;
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

std::unique_ptr<Kernel> mlir::lcp::cpu::createGlobalAvgPool() {
  return std::make_unique<OpKernel<GlobalAvgPoolOp>>("global_avg_pool",
                                                     emitGlobalAvgPool);
}
