//===- PackWeights.h - Constants in the order of their kernels --*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_TARGETS_CPU_COMPILER_KERNELS_PACKWEIGHTS_H
#define LCP_TARGETS_CPU_COMPILER_KERNELS_PACKWEIGHTS_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include <map>
#include <tuple>
#include <vector>

namespace mlir::lcp::cpu {

/// Appends constants to a blob in the order in which kernels read them; equal
/// constants for the same kernel once.
class WeightPacker {
public:
  explicit WeightPacker(std::vector<char> &blob) : blob(blob) {}

  /// Packs argument `argument` of `step`, which has a schedule, given `value`,
  /// the result of an lcp.constant; returns its place in the blob.
  uint64_t pack(func::FuncOp step, unsigned argument, Value value);

private:
  std::vector<char> &blob;
  std::map<std::tuple<const void *, int64_t, const void *, unsigned>, uint64_t>
      packed;
};

} // namespace mlir::lcp::cpu

#endif // LCP_TARGETS_CPU_COMPILER_KERNELS_PACKWEIGHTS_H
