//===- Weights.h - i8 weights and i32 bias of one layer ------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_QUANTIZE_WEIGHTS_H
#define LCP_QUANTIZE_WEIGHTS_H

#include "lcp/Dialect/LCP/IR/LCPOps.h"
#include "lcp/Target/QuantSpec.h"
#include <vector>

namespace mlir::lcp {

struct IntegerWeights {
  /// i8, and i32 with one element an output channel.
  Value weight, bias;
  /// The real number that 1 stands for, in each output channel's accumulator.
  std::vector<double> accumulatorScales;
};

/// Quantises the weights of a layer whose input has scale `inputScale`, one
/// scale an output channel: `max|w| / 127`, or more where the bias would exceed
/// the target's largest. `bias` may be null: it becomes zero. Fails, with a
/// diagnostic, on weights that are not finite.
FailureOr<IntegerWeights> quantizeWeights(OpBuilder &builder, Location loc,
                                          ConstantOp weight, ConstantOp bias,
                                          double inputScale,
                                          const QuantSpec &spec);

} // namespace mlir::lcp

#endif // LCP_QUANTIZE_WEIGHTS_H
