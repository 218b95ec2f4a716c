//===- ComputeInterfaces.h - What ops compute ------------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_DIALECT_LCP_IR_COMPUTEINTERFACES_H
#define LCP_DIALECT_LCP_IR_COMPUTEINTERFACES_H

#include "mlir/IR/Builders.h"
#include "mlir/IR/OpDefinition.h"
#include <optional>

namespace mlir::OpTrait::lcp {

/// An elementwise op that has a meaning on integers too, that of the same
/// sums, products and maxima.
template <typename ConcreteType>
class OnIntegers : public TraitBase<ConcreteType, OnIntegers> {};

} // namespace mlir::OpTrait::lcp

namespace mlir::lcp {

// An elementwise op's formula over reals, over integers and as IR: what
// ElementwiseOpInterface's methods are. Defined where the ops are registered.
template <typename Op>
double evaluateFormula(Op op, ArrayRef<double> operands);
template <typename Op>
std::optional<int32_t> evaluateFormula(Op op, ArrayRef<int32_t> operands);
template <typename Op>
Value buildFormula(Op op, OpBuilder &builder, Location loc,
                   ValueRange operands);

} // namespace mlir::lcp

#include "lcp/Dialect/LCP/IR/LCPComputeInterfaces.h.inc"

#endif // LCP_DIALECT_LCP_IR_COMPUTEINTERFACES_H
