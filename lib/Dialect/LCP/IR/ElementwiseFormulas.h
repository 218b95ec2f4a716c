//===- ElementwiseFormulas.h - What elementwise ops compute ----*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One formula an op, over any of the numbers of Numbers.h. The order of its
// operations is that of the code that targets run.
//
//===----------------------------------------------------------------------===//

#ifndef LCP_LIB_DIALECT_LCP_IR_ELEMENTWISEFORMULAS_H
#define LCP_LIB_DIALECT_LCP_IR_ELEMENTWISEFORMULAS_H

#include "Numbers.h"
#include "lcp/Dialect/LCP/IR/LCPOps.h"

namespace mlir::lcp {

//===----------------------------------------------------------------------===//
// One operand
//===----------------------------------------------------------------------===//

template <typename N> N formula(ReluOp, N x) { return max(x, 0); }

template <typename N> N formula(LeakyReluOp op, N x) {
  double alpha = op.getAlpha().convertToFloat();
  auto positive = x >= 0;
  N scaled = x * alpha;
  return select(positive, x, scaled);
}

template <typename N> N formula(ClipOp op, N x) {
  double low = op.getMin().convertToFloat();
  double high = op.getMax().convertToFloat();
  if (!std::isinf(low))
    x = max(x, low);
  if (!std::isinf(high))
    x = min(x, high);
  return x;
}

template <typename N> N formula(SigmoidOp, N x) { return 1 / (exp(-x) + 1); }

template <typename N> N formula(HardSigmoidOp op, N x) {
  double alpha = op.getAlpha().convertToFloat();
  double beta = op.getBeta().convertToFloat();
  return min(max(x * alpha + beta, 0), 1);
}

template <typename N> N formula(HardSwishOp, N x) {
  return x * min(max(x / 6 + 0.5, 0), 1);
}

template <typename N> N formula(TanhOp, N x) { return tanh(x); }

//===----------------------------------------------------------------------===//
// Two operands
//===----------------------------------------------------------------------===//

template <typename N> N formula(AddOp, N x, N y) { return x + y; }
template <typename N> N formula(SubOp, N x, N y) { return x - y; }
template <typename N> N formula(MulOp, N x, N y) { return x * y; }

//===----------------------------------------------------------------------===//
// ElementwiseOpInterface
//===----------------------------------------------------------------------===//

template <typename Op, typename N> N applyFormula(Op op, ArrayRef<N> operands) {
  if constexpr (Op::template hasTrait<OpTrait::OneOperand>())
    return formula(op, operands[0]);
  else
    return formula(op, operands[0], operands[1]);
}

template <typename Op>
double evaluateFormula(Op op, ArrayRef<double> operands) {
  return applyFormula(op, operands);
}

template <typename Op>
std::optional<int32_t> evaluateFormula(Op op, ArrayRef<int32_t> operands) {
  if constexpr (Op::template hasTrait<OpTrait::lcp::OnIntegers>()) {
    SmallVector<Word, 2> words(operands);
    return applyFormula(op, ArrayRef(words)).value();
  }
  return std::nullopt;
}

template <typename Op>
Value buildFormula(Op op, OpBuilder &builder, Location loc,
                   ValueRange operands) {
  ImplicitLocOpBuilder b(loc, builder);
  SmallVector<Symbol, 2> symbols;
  for (Value operand : operands)
    symbols.push_back({&b, operand});
  return applyFormula(op, ArrayRef(symbols)).value;
}

} // namespace mlir::lcp

#endif // LCP_LIB_DIALECT_LCP_IR_ELEMENTWISEFORMULAS_H
