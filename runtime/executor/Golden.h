//===- Golden.h - Does a bundle compute what it should? ---------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_EXECUTOR_GOLDEN_H
#define LCP_RUNTIME_EXECUTOR_GOLDEN_H

#include "runtime/executor/Executor.h"

#include <string>
#include <vector>

namespace lcp::rt {

/// How far one output of one golden set was off.
struct GoldenComparison {
  size_t set = 0;
  /// The name of the model's output, or "s0.b2, NAME" for a branch's, "s0.b2,
  /// output 0" without one.
  std::string output;
  /// The largest difference over the largest magnitude of what was expected
  /// (over 1 if that is 0); infinite where one side is not a number.
  double error = 0;
  double tolerance = 0;
  bool passed() const { return error <= tolerance; }
};

/// Runs every golden input of the bundle. Fails if it has none, or if a run
/// fails; a wrong answer is in the result.
Result<std::vector<GoldenComparison>> verifyGolden(const Bundle &bundle,
                                                   Executor &executor);

/// Runs the golden inputs of every parallel stage's branch that is for one of
/// `devices` (empty: of all that the bundle has), on `threads` threads, for a
/// device that has a part of the model. Fails if there is nothing to compare.
Result<std::vector<GoldenComparison>>
verifyBranches(const Bundle &bundle, const DriverRegistry &drivers,
               const std::vector<unsigned> &devices, unsigned threads,
               const std::string &engine);

/// The error of GoldenComparison for two tensors of one spec.
double relativeError(ElementType type, ByteSpan actual, ByteSpan expected);

} // namespace lcp::rt

#endif // LCP_RUNTIME_EXECUTOR_GOLDEN_H
