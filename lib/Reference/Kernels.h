//===- Kernels.h - What each op computes ---------------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One function a group of ops, private to lib/Reference. Operand types agree
// with the op (its verifier and the evaluator saw to it).
//
//===----------------------------------------------------------------------===//

#ifndef LCP_LIB_REFERENCE_KERNELS_H
#define LCP_LIB_REFERENCE_KERNELS_H

#include "lcp/Dialect/LCP/IR/LCPOps.h"
#include "lcp/Reference/Tensor.h"

namespace mlir::lcp::reference {

using Operands = ArrayRef<const Tensor *>;

inline Tensor zerosLikeResult(Operation *op) {
  return Tensor::zeros(cast<RankedTensorType>(op->getResult(0).getType()));
}

// Layers.cpp
Tensor run(Conv2DOp op, Operands in);
Tensor run(DenseOp op, Operands in);
Tensor run(BatchNormOp op, Operands in);

// Windows.cpp
Tensor runPool(WindowOpInterface op, const Tensor &in);
Tensor run(GlobalAvgPoolOp op, Operands in);
Tensor run(SoftmaxOp op, Operands in);
Tensor run(LRNOp op, Operands in);

// Elementwise.cpp
FailureOr<Tensor> runElementwise(ElementwiseOpInterface op, Operands in);
Tensor run(QuantizeOp op, Operands in);
Tensor run(DequantizeOp op, Operands in);
FailureOr<Tensor> run(RequantizeOp op, Operands in);
Tensor run(ScaledSumOp op, Operands in);

// Shape.cpp
Tensor run(ConcatOp op, Operands in);
Tensor run(SliceOp op, Operands in);
Tensor run(TransposeOp op, Operands in);
FailureOr<Tensor> run(PadOp op, Operands in);
Tensor run(ChannelShuffleOp op, Operands in);
Tensor run(MergeOp op, Operands in);
/// flatten and reshape.
Tensor runReshape(Operation *op, const Tensor &in);

} // namespace mlir::lcp::reference

#endif // LCP_LIB_REFERENCE_KERNELS_H
