//===- Elementwise.cpp - Reference of elementwise ops --------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Kernels.h"
#include <cmath>

using namespace mlir;
using namespace mlir::lcp;
using namespace mlir::lcp::reference;

//===----------------------------------------------------------------------===//
// Formulas, with broadcasting
//===----------------------------------------------------------------------===//

/// Elements to step over in `shape` for each dimension of a result of rank
/// `rank`; 0 where the operand is repeated.
static SmallVector<int64_t> broadcastStrides(ArrayRef<int64_t> shape,
                                             size_t rank) {
  SmallVector<int64_t> strides(rank, 0);
  int64_t stride = 1;
  for (size_t i = 1; i <= shape.size(); ++i) {
    int64_t size = shape[shape.size() - i];
    strides[rank - i] = size == 1 ? 0 : stride;
    stride *= size;
  }
  return strides;
}

/// Each element of `out` from those of the operands at its position.
template <typename T, typename Function>
static void broadcast(Operands in, std::vector<T> Tensor::*elements,
                      Tensor &out, Function function) {
  ArrayRef<int64_t> shape = out.shape();
  size_t rank = shape.size();
  SmallVector<SmallVector<int64_t>, 2> steps;
  for (const Tensor *operand : in)
    steps.push_back(broadcastStrides(operand->shape(), rank));
  SmallVector<int64_t> index(rank, 0), at(in.size(), 0);
  SmallVector<T, 2> operands(in.size());
  for (T &value : out.*elements) {
    for (size_t i = 0; i < in.size(); ++i)
      operands[i] = (in[i]->*elements)[at[i]];
    value = function(operands);
    for (size_t d = rank; d-- > 0;) {
      bool carry = ++index[d] == shape[d];
      for (auto [position, step] : llvm::zip_equal(at, steps))
        position += carry ? step[d] * (1 - shape[d]) : step[d];
      if (!carry)
        break;
      index[d] = 0;
    }
  }
}

FailureOr<Tensor> reference::runElementwise(ElementwiseOpInterface op,
                                            Operands in) {
  Tensor out = zerosLikeResult(op);
  if (out.isFloat()) {
    broadcast(in, &Tensor::floats, out,
              [&](ArrayRef<double> operands) { return op.evaluate(operands); });
    return out;
  }
  if (!op->hasTrait<OpTrait::lcp::OnIntegers>())
    return op->emitOpError("has no meaning on integers (docs/numerics.md)");
  bool isByte = out.type.getElementType().isInteger(8);
  broadcast(in, &Tensor::ints, out, [&](ArrayRef<int32_t> operands) {
    int32_t value = *op.evaluateInteger(operands);
    // An i8 result wraps modulo 2^8 (docs/numerics.md).
    return isByte ? static_cast<int8_t>(value) : value;
  });
  return out;
}

//===----------------------------------------------------------------------===//
// Between integers and floats: docs/numerics.md fixes each f32 operation
//===----------------------------------------------------------------------===//

Tensor reference::run(QuantizeOp op, Operands in) {
  Tensor out = zerosLikeResult(op);
  float scale = op.getScale().convertToFloat();
  for (auto [from, to] : llvm::zip_equal(in[0]->floats, out.ints)) {
    float quotient = static_cast<float>(from) / scale;
    // fmax drops a NaN: it becomes -127 on every target.
    to = static_cast<int32_t>(
        std::nearbyint(std::fmin(std::fmax(quotient, -127.0f), 127.0f)));
  }
  return out;
}

Tensor reference::run(DequantizeOp op, Operands in) {
  Tensor out = zerosLikeResult(op);
  float scale = op.getScale().convertToFloat();
  for (auto [from, to] : llvm::zip_equal(in[0]->ints, out.floats))
    to = static_cast<float>(from) * scale;
  return out;
}

FailureOr<Tensor> reference::run(RequantizeOp op, Operands in) {
  const std::vector<int32_t> &multiplier = in[1]->ints, &shift = in[2]->ints;
  for (int32_t amount : shift)
    if (amount < 0 || amount > 62)
      return op.emitOpError("shift ")
             << amount << " is not in [0, 62] (docs/numerics.md)";
  Tensor out = zerosLikeResult(op);
  ArrayRef<int64_t> shape = out.shape();
  int64_t channels = shape.size() > 1 ? shape[1] : 1;
  int64_t inner = ShapedType::getNumElements(
      shape.drop_front(std::min<size_t>(2, shape.size())));
  for (int64_t i = 0, size = out.size(); i < size; ++i) {
    int64_t c = shape.size() > 1 ? i / inner % channels : 0;
    int64_t amount = shift[shift.size() == 1 ? 0 : c];
    // At most 2^62 + 2^61: no overflow.
    int64_t scaled =
        int64_t(in[0]->ints[i]) * multiplier[multiplier.size() == 1 ? 0 : c];
    if (amount > 0)
      scaled = (scaled + (int64_t(1) << (amount - 1))) >> amount;
    out.ints[i] = static_cast<int32_t>(std::clamp<int64_t>(
        scaled, int32_t(op.getMin()), int32_t(op.getMax())));
  }
  return out;
}

Tensor reference::run(ScaledSumOp op, Operands in) {
  Tensor out = zerosLikeResult(op);
  // The verifier keeps the weights too small for the sum to overflow.
  for (auto [part, weight] : llvm::zip_equal(in, op.getWeights()))
    for (auto [to, from] : llvm::zip_equal(out.ints, part->ints))
      to += from * weight;
  return out;
}
