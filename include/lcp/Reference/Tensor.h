//===- Tensor.h - Values of the reference interpreter --------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_REFERENCE_TENSOR_H
#define LCP_REFERENCE_TENSOR_H

#include "mlir/IR/BuiltinTypes.h"
#include <vector>

namespace mlir::lcp::reference {

/// The elements of one tensor in row-major order. Those of an f32 tensor are
/// held as double, those of i8 and i32 as int32_t; the other vector is empty.
struct Tensor {
  RankedTensorType type;
  std::vector<double> floats;
  std::vector<int32_t> ints;

  /// All elements zero.
  static Tensor zeros(RankedTensorType type);
  /// From the bytes of `type` (f32, i8 or i32) in row-major order; a single
  /// element stands for all of them. Fails on any other number of bytes.
  static FailureOr<Tensor> fromRaw(RankedTensorType type, ArrayRef<char> raw);
  /// Writes the bytes of `type`, which `raw` must have room for exactly; f32
  /// elements are rounded to nearest.
  void writeRaw(MutableArrayRef<char> raw) const;

  bool isFloat() const { return type.getElementType().isF32(); }
  ArrayRef<int64_t> shape() const { return type.getShape(); }
  int64_t dim(unsigned i) const { return type.getDimSize(i); }
  int64_t size() const { return type.getNumElements(); }
  /// Largest absolute value; NaN if any element is NaN.
  double maxAbs() const;
};

} // namespace mlir::lcp::reference

#endif // LCP_REFERENCE_TENSOR_H
