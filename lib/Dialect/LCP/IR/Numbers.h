//===- Numbers.h - What formulas are written over --------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Three kinds of numbers with one set of operations, so that a template over
// them is arithmetic on each: double, Word (32 bits that wrap around; sums,
// products and maxima only) and Symbol (a value of IR yet to be computed).
//
//===----------------------------------------------------------------------===//

#ifndef LCP_LIB_DIALECT_LCP_IR_NUMBERS_H
#define LCP_LIB_DIALECT_LCP_IR_NUMBERS_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/TypeUtilities.h"
#include <cmath>

namespace mlir::lcp {

//===----------------------------------------------------------------------===//
// double
//===----------------------------------------------------------------------===//

using std::exp;
using std::tanh;

// C's fmax and fmin drop a NaN; ONNX Runtime and the targets keep it.
inline double max(double x, double y) { return x < y ? y : x; }
inline double min(double x, double y) { return x > y ? y : x; }
inline double select(bool condition, double x, double y) {
  return condition ? x : y;
}

//===----------------------------------------------------------------------===//
// Word
//===----------------------------------------------------------------------===//

struct Word {
  uint32_t bits;
  Word(int32_t value) : bits(static_cast<uint32_t>(value)) {}
  int32_t value() const { return static_cast<int32_t>(bits); }
};

inline Word operator+(Word x, Word y) { return int32_t(x.bits + y.bits); }
inline Word operator-(Word x, Word y) { return int32_t(x.bits - y.bits); }
inline Word operator*(Word x, Word y) { return int32_t(x.bits * y.bits); }
inline Word max(Word x, Word y) { return std::max(x.value(), y.value()); }

//===----------------------------------------------------------------------===//
// Symbol
//===----------------------------------------------------------------------===//

/// A scalar or vector of floats or integers. Operations on it build ops.
struct Symbol {
  ImplicitLocOpBuilder *b;
  Value value;

  bool isInteger() const {
    return isa<IntegerType>(getElementTypeOrSelf(value));
  }
  Symbol constant(double number) const {
    Type element = getElementTypeOrSelf(value);
    TypedAttr attribute =
        isInteger() ? TypedAttr(b->getIntegerAttr(element, int64_t(number)))
                    : TypedAttr(b->getFloatAttr(element, number));
    if (auto type = dyn_cast<ShapedType>(value.getType()))
      attribute = DenseElementsAttr::get(type, attribute);
    return {b, b->create<arith::ConstantOp>(attribute)};
  }
  template <typename FloatOp, typename IntegerOp>
  Symbol binary(Symbol other) const {
    if (isInteger())
      return {b, b->create<IntegerOp>(value, other.value)};
    return {b, b->create<FloatOp>(value, other.value)};
  }
  template <typename FloatOp, typename IntegerOp>
  Symbol extremum(Symbol other) const {
    if (isInteger())
      return {b, b->create<IntegerOp>(value, other.value)};
    // They are single instructions where neither matters.
    auto flags = arith::FastMathFlagsAttr::get(b->getContext(),
                                               arith::FastMathFlags::nnan |
                                                   arith::FastMathFlags::nsz);
    return {b, b->create<FloatOp>(value, other.value, flags)};
  }
};

inline Symbol operator+(Symbol x, Symbol y) {
  return x.binary<arith::AddFOp, arith::AddIOp>(y);
}
inline Symbol operator-(Symbol x, Symbol y) {
  return x.binary<arith::SubFOp, arith::SubIOp>(y);
}
inline Symbol operator*(Symbol x, Symbol y) {
  return x.binary<arith::MulFOp, arith::MulIOp>(y);
}
inline Symbol operator+(Symbol x, double y) { return x + x.constant(y); }
inline Symbol operator-(Symbol x, double y) { return x - x.constant(y); }
inline Symbol operator*(Symbol x, double y) { return x * x.constant(y); }
/// A product with the reciprocal, which is rounded once more.
inline Symbol operator/(Symbol x, double y) { return x * x.constant(1 / y); }
inline Symbol operator/(double x, Symbol y) {
  return {y.b, y.b->create<arith::DivFOp>(y.constant(x).value, y.value)};
}
inline Symbol operator-(Symbol x) {
  return {x.b, x.b->create<arith::NegFOp>(x.value)};
}
inline Symbol operator>=(Symbol x, double y) {
  return {x.b, x.b->create<arith::CmpFOp>(arith::CmpFPredicate::OGE, x.value,
                                          x.constant(y).value)};
}
inline Symbol max(Symbol x, double y) {
  return x.extremum<arith::MaxNumFOp, arith::MaxSIOp>(x.constant(y));
}
inline Symbol min(Symbol x, double y) {
  return x.extremum<arith::MinNumFOp, arith::MinSIOp>(x.constant(y));
}
inline Symbol exp(Symbol x) { return {x.b, x.b->create<math::ExpOp>(x.value)}; }
inline Symbol tanh(Symbol x) {
  return {x.b, x.b->create<math::TanhOp>(x.value)};
}
inline Symbol select(Symbol condition, Symbol x, Symbol y) {
  return {x.b, x.b->create<arith::SelectOp>(condition.value, x.value, y.value)};
}

} // namespace mlir::lcp

#endif // LCP_LIB_DIALECT_LCP_IR_NUMBERS_H
