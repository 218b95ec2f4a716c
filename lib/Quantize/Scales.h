//===- Scales.h - One scale for every i8 value ---------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_QUANTIZE_SCALES_H
#define LCP_QUANTIZE_SCALES_H

#include "Classify.h"
#include "llvm/ADT/EquivalenceClasses.h"

namespace mlir::lcp {

/// The scales of the values that integer ops read and write, from the recorded
/// ranges. Values that an op only moves (concat, max_pool2d, ...) share one
/// scale, wide enough for all of them.
class Scales {
public:
  /// Fails, with a diagnostic, on an integer op without a usable record.
  static FailureOr<Scales> create(func::FuncOp function,
                                  const Classification &classes);

  /// The real number that an i8 of 1 stands for; an f32 holds it exactly.
  double get(Value value) const;

private:
  llvm::EquivalenceClasses<void *> groups;
  llvm::DenseMap<void *, float> ranges;
};

} // namespace mlir::lcp

#endif // LCP_QUANTIZE_SCALES_H
