//===- LRN.cpp - Local response normalisation -----------------------------===//
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

/// base^-beta; the exponents that networks use need no logarithm.
static Value inversePower(KernelBuilder &k, Value base, double beta,
                          int64_t lanes) {
  OpBuilder &b = k.builder();
  Location loc = k.loc();
  auto constant = [&](double value) {
    return k.splat(k.constant(b.getF32Type(), value), lanes);
  };
  Value power;
  if (beta == 0.75) {
    Value root = b.create<math::SqrtOp>(loc, base);
    Value product = b.create<arith::MulFOp>(loc, base, root);
    power = b.create<math::SqrtOp>(loc, product);
  } else if (beta == 0.5) {
    power = b.create<math::SqrtOp>(loc, base);
  } else {
    Value log = b.create<math::LogOp>(loc, base);
    Value scaled = b.create<arith::MulFOp>(loc, log, constant(beta));
    power = b.create<math::ExpOp>(loc, scaled);
  }
  return b.create<arith::DivFOp>(loc, constant(1), power);
}

static void emitLRN(StepEmitter &step) {
  KernelBuilder &k = step.k;
  OpBuilder &b = k.builder();
  auto lrn = cast<LRNOp>(step.root);
  BufferedTensor input = step.operand(lrn.getInput());
  AxisSplit split = splitAt(input.tensor.type, 1);
  int64_t outer = split.outer, size = split.axis, inner = split.inner;
  int64_t stride = inner;
  int64_t before = (lrn.getSize() - 1) / 2, behind = lrn.getSize() / 2;
  int64_t lanes = std::min(inner, k.lanes());
  int64_t across = (inner + lanes - 1) / lanes;
  Type f32 = b.getF32Type();
  double scale = lrn.getAlpha().convertToDouble() / lrn.getSize();
  k.parallelLoop(outer * size, [&](Value t) {
    auto at = k.delinearize(t, {outer, size});
    Value first = k.max(k.sub(at[1], k.index(before)), k.index(0));
    Value end = k.min(k.add(at[1], behind + 1), k.index(size));
    Value image = k.mul(at[0], size * stride);
    k.loop(across, [&](Value i) {
      Value column = k.min(k.mul(i, lanes), k.index(inner - lanes));
      Value start = k.add(image, column);
      Value sum = k.loop(
          first, end, k.zero(f32, lanes), [&](Value c, ValueRange carried) {
            Value x = k.load(input.buffer, k.add(start, k.mul(c, stride)), 0,
                             lanes, f32);
            return KernelBuilder::Carry{k.multiplyAdd(x, x, carried[0])};
          })[0];
      Value base = k.multiplyAdd(
          sum, k.splat(k.constant(f32, scale), lanes),
          k.splat(k.constant(f32, lrn.getK().convertToFloat()), lanes));
      Value position = k.add(start, k.mul(at[1], stride));
      Value x = k.load(input.buffer, position, 0, lanes, f32);
      Value factor =
          inversePower(k, base, lrn.getBeta().convertToFloat(), lanes);
      Value y = b.create<arith::MulFOp>(k.loc(), x, factor);
      k.store(y, step.result.buffer, position, 0);
    });
  });
}

std::unique_ptr<Kernel> mlir::lcp::cpu::createLRN() {
  return std::make_unique<OpKernel<LRNOp>>("lrn", emitLRN);
}
