//===- DotProducts.cpp - Sums of four products of bytes -------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/cpu/compiler/kernels/DotProducts.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace mlir::lcp::cpu;

int64_t mlir::lcp::cpu::getTogether(Dots dots) {
  return dots == Dots::SMLAL ? 2 : kQuad;
}

int64_t mlir::lcp::cpu::getOffset(Dots dots, bool nonNegative) {
  // vpdpbusd multiplies unsigned bytes by signed ones.
  return dots == Dots::DPBUSD && !nonNegative ? 128 : 0;
}

DotProducts::DotProducts(KernelBuilder &k, Dots dots, bool nonNegative,
                         int64_t lanes)
    : k(k), b(k.builder()), dots(dots), nonNegative(nonNegative), lanes(lanes) {
}

VectorType DotProducts::vectorOf(int64_t count, unsigned bits) {
  return VectorType::get({count}, b.getIntegerType(bits));
}

Value DotProducts::call(StringRef intrinsic, Type type, ValueRange operands) {
  return b.create<LLVM::CallIntrinsicOp>(k.loc(), type, intrinsic, operands)
      .getResults();
}

Value DotProducts::cast(Value vector, Type element) {
  auto type = llvm::cast<VectorType>(vector.getType());
  int64_t bits = type.getNumElements() * type.getElementTypeBitWidth();
  auto other =
      VectorType::get({bits / element.getIntOrFloatBitWidth()}, element);
  return b.createOrFold<vector::BitCastOp>(k.loc(), other, vector);
}

Value DotProducts::loadBytes(Value buffer, Value position, int64_t offset,
                             int64_t count) {
  return k.load(buffer, position, offset, count, b.getI8Type());
}

Value DotProducts::loadWords(Value buffer, Value position, int64_t offset) {
  return cast(loadBytes(buffer, position, offset, lanes * 4), b.getI32Type());
}

SmallVector<Value> DotProducts::loadWeights(Value buffer, Value position,
                                            int64_t offset, int64_t panel) {
  if (dots != Dots::SMLAL)
    return {loadBytes(buffer, position, offset, lanes * kQuad)};
  // A pair of all of the panel's outputs before the next pair.
  return {loadBytes(buffer, position, offset, lanes * 2),
          loadBytes(buffer, position, offset + panel * 2, lanes * 2)};
}

SmallVector<Value> DotProducts::loadInputs(Value buffer, Value position,
                                           int64_t offset) {
  return toInputs(loadBytes(buffer, position, offset, kQuad), 0);
}

SmallVector<SmallVector<Value>>
DotProducts::loadFourInputs(Value buffer, Value position, int64_t offset) {
  Value quads = loadBytes(buffer, position, offset, 4 * kQuad);
  SmallVector<SmallVector<Value>> inputs;
  for (int64_t lane = 0; lane < 4; ++lane)
    inputs.push_back(toInputs(quads, lane));
  return inputs;
}

/// One of the quads in every lane, in the form that `add` takes.
SmallVector<Value> DotProducts::toInputs(Value quads, int64_t lane) {
  Type byte = b.getI8Type();
  if (dots == Dots::SMLAL) {
    Value pairs = cast(quads, b.getI16Type());
    SmallVector<Value> inputs;
    for (int64_t pair : {2 * lane, 2 * lane + 1})
      inputs.push_back(cast(k.splat(k.extract(pairs, pair), lanes), byte));
    return inputs;
  }
  Value input = k.splat(k.extract(cast(quads, b.getI32Type()), lane), lanes);
  if (getOffset(dots, nonNegative)) {
    // 128 more is the other sign bit.
    Value signs = k.splat(
        k.constant(b.getI32Type(), static_cast<int32_t>(0x80808080)), lanes);
    input = b.create<arith::XOrIOp>(k.loc(), input, signs);
  }
  return {cast(input, byte)};
}

Value DotProducts::add(ValueRange inputs, ValueRange weights, Value sum) {
  switch (dots) {
  case Dots::PMAdd:
    return addPMAdd(inputs[0], weights[0], sum);
  case Dots::SMLAL:
    return addSMLAL(inputs, weights, sum);
  case Dots::SDot:
    return call("llvm.aarch64.neon.sdot", sum.getType(),
                {sum, weights[0], inputs[0]});
  case Dots::DPBUSD:
    return call("llvm.x86.avx512.vpdpbusd." + std::to_string(lanes * 32),
                sum.getType(),
                {sum, cast(inputs[0], b.getI32Type()),
                 cast(weights[0], b.getI32Type())});
  case Dots::None:
    break;
  }
  llvm_unreachable("a schedule of this kernel names instructions");
}

/// vpmaddubsw multiplies unsigned bytes by signed ones, so a weight takes its
/// input's sign.
Value DotProducts::addPMAdd(Value input, Value weight, Value sum) {
  static constexpr StringRef pairs[] = {"llvm.x86.ssse3.pmadd.ub.sw.128",
                                        "llvm.x86.avx2.pmadd.ub.sw",
                                        "llvm.x86.avx512.pmaddubs.w.512"};
  static constexpr StringRef quads[] = {"llvm.x86.sse2.pmadd.wd",
                                        "llvm.x86.avx2.pmadd.wd",
                                        "llvm.x86.avx512.pmaddw.d.512"};
  int64_t size = lanes == 4 ? 0 : lanes == 8 ? 1 : 2;
  if (!nonNegative) {
    Value zero = k.zero(b.getI8Type(), lanes * kQuad);
    if (lanes == 16) {
      Value negative = b.create<arith::CmpIOp>(
          k.loc(), arith::CmpIPredicate::slt, input, zero);
      Value negated = b.create<arith::SubIOp>(k.loc(), zero, weight);
      weight = b.create<arith::SelectOp>(k.loc(), negative, negated, weight);
    } else {
      weight = call(lanes == 4 ? "llvm.x86.ssse3.psign.b.128"
                               : "llvm.x86.avx2.psign.b",
                    weight.getType(), {weight, input});
    }
    input = b.create<math::AbsIOp>(k.loc(), input);
  }
  Value products = call(pairs[size], vectorOf(lanes * 2, 16), {input, weight});
  Value ones = k.splat(k.constant(b.getI16Type(), 1), lanes * 2);
  return k.plus(sum, call(quads[size], sum.getType(), {products, ones}));
}

/// Two products of a lane of 16 bits, whose pairs are a sum's quad.
Value DotProducts::addSMLAL(ValueRange inputs, ValueRange weights, Value sum) {
  Value products;
  for (auto [input, weight] : llvm::zip_equal(inputs, weights)) {
    Type wide = vectorOf(lanes * 2, 16);
    Value product = b.create<arith::MulIOp>(
        k.loc(), b.create<arith::ExtSIOp>(k.loc(), wide, input),
        b.create<arith::ExtSIOp>(k.loc(), wide, weight));
    products = products ? k.plus(products, product) : product;
  }
  return k.plus(sum,
                call("llvm.aarch64.neon.saddlp", sum.getType(), {products}));
}
