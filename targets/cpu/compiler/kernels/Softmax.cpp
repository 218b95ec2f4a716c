//===- Softmax.cpp - Softmax along an axis --------------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Math/IR/Math.h"
#include "targets/cpu/compiler/kernels/AxisSplit.h"
#include "targets/cpu/compiler/kernels/KernelRegistry.h"
#include "targets/cpu/compiler/kernels/StepEmitter.h"

using namespace mlir;
using namespace mlir::lcp;
using namespace mlir::lcp::cpu;

/// exp(x - max) / sum of exp(x - max) along the axis; vectors run across the
/// rows where there are several side by side.
static void emitSoftmax(StepEmitter &step) {
  KernelBuilder &k = step.k;
  OpBuilder &b = k.builder();
  auto softmax = cast<SoftmaxOp>(step.root);
  BufferedTensor input = step.operand(softmax.getInput());
  AxisSplit split = splitAt(input.tensor.type, softmax.getAxis());
  int64_t outer = split.outer, size = split.axis, inner = split.inner;
  int64_t stride = inner, outerStride = size * inner;
  int64_t lanes = std::min(inner, k.lanes());
  int64_t across = (inner + lanes - 1) / lanes;
  Type f32 = b.getF32Type();
  k.parallelLoop(outer * across, [&](Value t) {
    auto at = k.delinearize(t, {outer, across});
    Value column = k.min(k.mul(at[1], lanes), k.index(inner - lanes));
    Value start = k.add(k.mul(at[0], outerStride), column);
    auto load = [&](Value buffer, Value i) {
      return k.load(buffer, k.add(start, k.mul(i, stride)), 0, lanes, f32);
    };
    Value lowest = k.splat(
        k.constant(f32, -std::numeric_limits<double>::infinity()), lanes);
    Value max = k.loop(size, lowest, [&](Value i, ValueRange carried) {
      Value value = load(input.buffer, i);
      return KernelBuilder::Carry{
          b.create<arith::MaximumFOp>(k.loc(), carried[0], value)};
    })[0];
    Value sum =
        k.loop(size, k.zero(f32, lanes), [&](Value i, ValueRange carried) {
          Value shifted =
              b.create<arith::SubFOp>(k.loc(), load(input.buffer, i), max);
          Value exp = b.create<math::ExpOp>(k.loc(), shifted);
          k.store(exp, step.result.buffer, k.add(start, k.mul(i, stride)), 0);
          return KernelBuilder::Carry{k.plus(carried[0], exp)};
        })[0];
    k.loop(size, [&](Value i) {
      Value value =
          b.create<arith::DivFOp>(k.loc(), load(step.result.buffer, i), sum);
      k.store(value, step.result.buffer, k.add(start, k.mul(i, stride)), 0);
    });
  });
}

std::unique_ptr<Kernel> mlir::lcp::cpu::createSoftmax() {
  return std::make_unique<OpKernel<SoftmaxOp>>("softmax", emitSoftmax);
}
