//===- WinogradTransform.h - The transforms of F(mxm, 3x3) ------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// m results of a window of three, from n = m + 2 inputs d and weights g, are
//
//     y = A^T ((G g) . (B^T d))
//
// where . multiplies element by element: n products instead of 3m. Rows and
// columns of an image are transformed one after the other. The matrices follow
// from points at which polynomials are multiplied: 0, pairs of +a and -a, and
// infinity. docs/numerics.md has the points and what they do to errors.
//
//===----------------------------------------------------------------------===//

#ifndef LCP_TARGETS_CPU_COMPILER_KERNELS_WINOGRADTRANSFORM_H
#define LCP_TARGETS_CPU_COMPILER_KERNELS_WINOGRADTRANSFORM_H

#include "targets/cpu/compiler/kernels/KernelBuilder.h"
#include <vector>

namespace mlir::lcp::cpu {

/// F(mxm, 3x3), for m = 2 or 4.
class WinogradTransform {
public:
  explicit WinogradTransform(int64_t results) : results(results) {}

  /// m and n.
  int64_t getResults() const { return results; }
  int64_t getSize() const { return results + 2; }
  /// Products of a patch and one input channel: n * n.
  int64_t getProducts() const { return getSize() * getSize(); }

  /// Multiply-adds and additions of B^T d, and of A^T x, for one line.
  int64_t getInputOperations() const;
  int64_t getSumOperations() const;

  /// G g G^T of every 3x3 window: n * n values each, computed in double.
  std::vector<float> transformWindows(ArrayRef<float> windows) const;
  /// B^T d of a line of n scalars or vectors.
  SmallVector<Value> transformInputs(KernelBuilder &k, ValueRange line) const;
  /// A^T x of a line of n; m results.
  SmallVector<Value> transformSums(KernelBuilder &k, ValueRange line) const;

private:
  /// The positive ones of the pairs.
  ArrayRef<double> getPoints() const;

  int64_t results;
};

} // namespace mlir::lcp::cpu

#endif // LCP_TARGETS_CPU_COMPILER_KERNELS_WINOGRADTRANSFORM_H
