//===- ElementwiseOps.cpp - Elementwise ops on vectors --------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Math/IR/Math.h"
#include "targets/cpu/compiler/kernels/StepEmitter.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::lcp;
using namespace mlir::lcp::cpu;

namespace {

/// Builds the conversions between integers and floats, for which
/// docs/numerics.md fixes each operation, on values of one shape.
struct ConversionBuilder {
  KernelBuilder &k;
  OpBuilder &b = k.builder();
  Location loc = k.loc();
  int64_t lanes;

  ConversionBuilder(KernelBuilder &k, Value like) : k(k) {
    auto type = dyn_cast<VectorType>(like.getType());
    lanes = type ? type.getDimSize(0) : 1;
  }

  Type shaped(Type element) {
    return lanes == 1 ? element : VectorType::get({lanes}, element);
  }
  Value constant(Type element, double value) {
    return k.splat(k.constant(element, value), lanes);
  }
  Value f32(double value) { return constant(b.getF32Type(), value); }

  /// No operand is NaN and the sign of a zero is of no matter, which makes
  /// these single instructions.
  Value max(Value x, Value y) {
    if (isa<IntegerType>(getElementTypeOrSelf(x)))
      return b.create<arith::MaxSIOp>(loc, x, y);
    return b.create<arith::MaxNumFOp>(loc, x, y, flags());
  }
  Value min(Value x, Value y) {
    if (isa<IntegerType>(getElementTypeOrSelf(x)))
      return b.create<arith::MinSIOp>(loc, x, y);
    return b.create<arith::MinNumFOp>(loc, x, y, flags());
  }
  arith::FastMathFlagsAttr flags() {
    return arith::FastMathFlagsAttr::get(
        b.getContext(), arith::FastMathFlags::nnan | arith::FastMathFlags::nsz);
  }

  /// docs/numerics.md: round to nearest, ties to even; clamp to [-127, 127].
  Value quantize(QuantizeOp op, Value x) {
    Value scaled =
        b.create<arith::DivFOp>(loc, x, f32(op.getScale().convertToFloat()));
    Value rounded = b.create<math::RoundEvenOp>(loc, scaled);
    Value clamped = min(max(rounded, f32(-127)), f32(127));
    Value word =
        b.create<arith::FPToSIOp>(loc, shaped(b.getI32Type()), clamped);
    return b.create<arith::TruncIOp>(loc, shaped(b.getI8Type()), word);
  }

  Value dequantize(DequantizeOp op, Value x) {
    Value real = b.create<arith::SIToFPOp>(loc, shaped(b.getF32Type()), x);
    return b.create<arith::MulFOp>(loc, real,
                                   f32(op.getScale().convertToFloat()));
  }

  /// In 32 bits, which the op's verifier sees to.
  Value scaledSum(ScaledSumOp op, ArrayRef<Value> in) {
    Value sum = constant(b.getI32Type(), 0);
    for (auto [x, weight] : llvm::zip_equal(in, op.getWeights())) {
      Value wide = b.create<arith::ExtSIOp>(loc, shaped(b.getI32Type()), x);
      sum = k.multiplyAdd(constant(b.getI32Type(), weight), wide, sum);
    }
    return sum;
  }

  /// 2 to the power of `exponent - s`.
  Value power(int64_t exponent, Value s) {
    constexpr int64_t kBias = 1023, kMantissaBits = 52;
    Value wide = b.create<arith::ExtSIOp>(loc, shaped(b.getI64Type()), s);
    Value biased = b.create<arith::SubIOp>(
        loc, constant(b.getI64Type(), kBias + exponent), wide);
    Value bits = b.create<arith::ShLIOp>(
        loc, biased, constant(b.getI64Type(), kMantissaBits));
    return b.create<arith::BitcastOp>(loc, shaped(b.getF64Type()), bits);
  }

  /// The same as requantize, where doubles hold every x * m exactly: they have
  /// a multiply-add, minimum and maximum on CPUs whose integers of 64 bits have
  /// none. Half a unit of what is shifted out, added before, makes rounding to
  /// nearest round halves up.
  Value requantizeInDouble(RequantizeOp op, Value x, Value m, Value s) {
    Type real = shaped(b.getF64Type());
    auto convert = [&](Value v) {
      return b.create<arith::SIToFPOp>(loc, real, v);
    };
    auto f64 = [&](double value) { return constant(b.getF64Type(), value); };
    Value factor = b.create<arith::MulFOp>(loc, convert(m), power(0, s));
    Value sum = b.create<math::FmaOp>(loc, convert(x), factor, power(-1, s));
    Value clamped = min(max(sum, f64(static_cast<int32_t>(op.getMin()))),
                        f64(static_cast<int32_t>(op.getMax())));
    // Rounds to a unit, and leaves the integer in the lowest bits.
    Value rounded = b.create<arith::AddFOp>(loc, clamped, f64(0x1.8p52));
    Value bits =
        b.create<arith::BitcastOp>(loc, shaped(b.getI64Type()), rounded);
    return b.create<arith::TruncIOp>(loc, shaped(b.getI8Type()), bits);
  }

  /// clamp((x * m + (1 << (s - 1))) >> s), in 64 bits.
  Value requantize(RequantizeOp op, Value x, Value m, Value s) {
    if (op->hasAttr(kFitsDoubleAttr))
      return requantizeInDouble(op, x, m, s);
    Type wide = shaped(b.getI64Type());
    auto extend = [&](Value v) {
      return b.create<arith::ExtSIOp>(loc, wide, v);
    };
    Value shift = extend(s), one = constant(b.getI64Type(), 1);
    Value product = b.create<arith::MulIOp>(loc, extend(x), extend(m));
    Value before = b.create<arith::SubIOp>(loc, shift, one);
    Value half = b.create<arith::ShLIOp>(loc, one, before);
    Value sum = b.create<arith::AddIOp>(loc, product, half);
    Value shifted = b.create<arith::ShRSIOp>(loc, sum, shift);
    Value low = constant(b.getI64Type(), static_cast<int32_t>(op.getMin()));
    Value high = constant(b.getI64Type(), static_cast<int32_t>(op.getMax()));
    Value clamped = min(max(shifted, low), high);
    return b.create<arith::TruncIOp>(loc, shaped(b.getI8Type()), clamped);
  }
};

} // namespace

Value mlir::lcp::cpu::emitElementwiseOp(KernelBuilder &k, Operation *op,
                                        ArrayRef<Value> in) {
  if (auto elementwise = dyn_cast<ElementwiseOpInterface>(op))
    return elementwise.buildElement(k.builder(), k.loc(), in);
  ConversionBuilder e(k, in[0]);
  return llvm::TypeSwitch<Operation *, Value>(op)
      .Case([&](QuantizeOp o) { return e.quantize(o, in[0]); })
      .Case([&](ScaledSumOp o) { return e.scaledSum(o, in); })
      .Case([&](DequantizeOp o) { return e.dequantize(o, in[0]); })
      .Case(
          [&](RequantizeOp o) { return e.requantize(o, in[0], in[1], in[2]); });
}
